package host

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// Bounds of what is read before and after the life of a process.
const (
	maxHandshake = 8 << 10 // bytes of the line, and of everything before it
	maxStray     = 16      // lines before the handshake
	drainTime    = 200 * time.Millisecond
)

// handshakeLine is core version, contract version, network, address and more.
var handshakeLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{1,5}\|\d{1,5}\|[a-z]{1,8}\|`) })

// errNoHandshake: the process closed its output first, which it does by ending.
var errNoHandshake = errors.New("it ended before the handshake")

// spec is how a process is started.
type spec struct {
	path     string
	args     []string      // with argv[0]
	dir      string        // temporary folder
	work     string        // working folder; empty means dir
	foreign  bool          // no Go program: it knows no mutual TLS
	sockets  string        // folder of socket folders
	self     bool          // path is our own binary
	copied   string        // private copy of a community plugin's file or folder; empty for a bundled one
	anywhere bool          // it may connect to anything, not by its way out alone
	hidden   []string      // what it may not read wherever it lies, real paths
	sum      string        // SHA-256 that path must have, hex; empty for our own binary
	memory   int64         // bytes, not limited when negative
	start    time.Duration // until the handshake
}

// run is one process: go-plugin's runner.Runner, so that start, end and both
// outputs are in our hands.
type run struct {
	spec spec
	logs *tail

	before   int // lines of the log when it began
	env      []string
	extra    []string // of the environment
	granted  []string // of it: entries whose files it may read
	sockets  string   // folder of this process's sockets
	calls    *os.File // where its calls for unix sockets are answered; nil where it makes them itself
	lineOut  *io.PipeReader
	lineIn   *io.PipeWriter
	exited   chan struct{} // closed when the process is gone
	outputs  sync.WaitGroup
	readEnds []*os.File

	mu      sync.Mutex
	process *os.Process
	dead    bool
	waitErr error
	stray   []string // printed before the handshake
	wrong   error    // with the handshake
}

func newRun(s spec, logs *tail) *run {
	r := &run{spec: s, logs: logs, before: logs.soFar(), exited: make(chan struct{})}
	r.lineOut, r.lineIn = io.Pipe()
	return r
}

// prepare takes what go-plugin adds to the environment.
func (r *run) prepare(env []string, sockets string) {
	r.env = append(slices.Clone(env),
		"PATH="+wire.SearchPath, "LANG=C.UTF-8", "TZ=UTC", "GOMEMLIMIT=128MiB", "GOMAXPROCS=1",
		"HOME="+r.spec.dir, "TMPDIR="+r.spec.dir)
	if r.spec.foreign {
		r.env = append(r.env, "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "NODE_OPTIONS=--max-old-space-size=128")
	}
	if r.spec.self {
		r.env = append(r.env, "GOGC=400") // until it has started, see plugins.Serve
	}
	if r.inTheClear() && wire.NamesPeers {
		r.env = append(r.env, wire.HostPID+"="+strconv.Itoa(os.Getpid()))
	}
	r.env = append(r.env, r.extra...)
	r.sockets = sockets
}

// inTheClear tells that the connection needs no mutual TLS, or cannot have it: our own
// binary, where the kernel names both ends of a socket to each other, and programs in
// other languages than Go.
func (r *run) inTheClear() bool {
	return r.spec.foreign || r.spec.self && wire.NamesPeers
}

// answers tells whether the process pid, which listens at the plugin's socket, is this
// one, or one that a program in another language has started for it.
func (r *run) answers(pid int) error {
	if own := r.pid(); own == 0 || pid != own && (!r.spec.foreign || !inGroup(pid, own)) {
		return fmt.Errorf("process %d listens at the socket of the plugin", pid)
	}
	return nil
}

// Start checks the executable's hash and starts it: no standard input, own
// process group, its end tied to ours (Linux), low priority, limits.
func (r *run) Start(context.Context) error {
	if err := r.checkSum(); err != nil {
		return err
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return errors.Join(err, outRead.Close(), outWrite.Close())
	}
	r.readEnds = []*os.File{outRead, errRead}
	started := make(chan error)
	go r.live(started, outWrite, errWrite)
	if err := <-started; err != nil {
		return errors.Join(err, outRead.Close(), errRead.Close())
	}
	r.outputs.Go(func() { r.readOutput(outRead) })
	r.outputs.Go(func() { r.logs.drain(errRead) })
	return nil
}

func (r *run) checkSum() error {
	if r.spec.sum == "" {
		return nil
	}
	sum, err := hex.DecodeString(r.spec.sum)
	if err != nil {
		return err
	}
	same, err := (&plugin.SecureConfig{Checksum: sum, Hash: sha256.New()}).Check(r.spec.path)
	if err == nil && !same {
		err = plugin.ErrChecksumsDoNotMatch
	}
	return err
}

// live starts the process and stays until it ends. It keeps its thread for that
// long, because the system ends the process with the thread that started it.
func (r *run) live(started chan<- error, outputs ...*os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd, err := r.exec(outputs)
	for _, f := range outputs {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		close(r.exited)
		started <- err
		return
	}
	r.mu.Lock()
	r.process = cmd.Process
	r.mu.Unlock()
	limit(cmd.Process.Pid, r.spec.memory)
	started <- nil
	r.bury(cmd)
	killMarked("PLUGIN_UNIX_SOCKET_DIR=" + r.sockets)
	_ = r.calls.Close()            // it may be nil
	for _, f := range r.readEnds { // somebody who escaped may still hold the other end
		_ = f.SetReadDeadline(time.Now().Add(drainTime))
	}
	close(r.exited)
}

// bury waits for the end of the process and ends what is left of its group, on
// Linux while its number is still its own.
func (r *run) bury(cmd *exec.Cmd) {
	if awaitZombie(cmd.Process.Pid) {
		r.kill()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.waitErr = cmd.Wait()
		r.dead = true
		return
	}
	err := cmd.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	killGroup(cmd.Process)
	r.waitErr, r.dead = err, true
}

// exec starts the command, confined. A file that was just copied can be "busy" for as long
// as another start that happened at the same time holds it open.
func (r *run) exec(outputs []*os.File) (*exec.Cmd, error) {
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		cmd := &exec.Cmd{
			Path: r.spec.path, Args: r.spec.args, Env: r.env, Dir: cmp.Or(r.spec.work, r.spec.dir),
			Stdout: outputs[0], Stderr: outputs[1], SysProcAttr: attributes(),
		}
		err := r.startConfined(cmd)
		if err == nil || !errors.Is(err, syscall.ETXTBSY) || pause > time.Second {
			return cmd, err
		}
		<-time.After(pause)
	}
}

// readOutput passes the handshake on to go-plugin and logs everything else.
func (r *run) readOutput(f io.Reader) {
	in := bufio.NewReaderSize(f, maxHandshake)
	line, err := r.handshake(in)
	if err != nil {
		r.mu.Lock()
		r.wrong = err
		r.mu.Unlock()
		_ = r.lineIn.CloseWithError(io.EOF)
		r.kill()
	} else {
		_, _ = io.WriteString(r.lineIn, line) // go-plugin may have given up meanwhile
		_ = r.lineIn.Close()
	}
	r.logs.drain(in)
}

// handshake finds the line. A few lines before it are forgiven and logged.
func (r *run) handshake(in *bufio.Reader) (string, error) {
	size := 0
	for {
		line, err := in.ReadSlice('\n')
		if size += len(line); errors.Is(err, bufio.ErrBufferFull) || size > maxHandshake {
			return "", fmt.Errorf("more than %d bytes before the end of the handshake%s", maxHandshake, printed(r.stray))
		}
		if handshakeLine().Match(line) && err == nil {
			return string(line), nil
		}
		if text := sdk.Clip(sdk.Plain(string(line)), 200, nil); text != "" {
			r.mu.Lock()
			r.stray = append(r.stray, text)
			r.mu.Unlock()
			r.logs.line("printed before the handshake: " + text)
		}
		if err != nil {
			return "", errNoHandshake
		}
		if len(r.stray) > maxStray {
			return "", fmt.Errorf("no handshake in the first %d lines%s", maxStray, printed(r.stray))
		}
	}
}

func printed(lines []string) string {
	if len(lines) == 0 {
		return ", printed nothing"
	}
	return ", printed first: " + strconv.Quote(lines[0])
}

// soFar tells what a process that gave no handshake has printed, or the last line that
// it logged, which is where most programs say what is wrong.
func (r *run) soFar() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := strings.TrimPrefix(printed(r.stray), ", ")
	if last := r.logs.lastAfter(r.before); last != "" && len(r.stray) == 0 {
		text += ", logged last: " + strconv.Quote(sdk.Clip(last, 200, nil))
	}
	return text
}

func (r *run) fault() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wrong
}

// epitaph tells how the process ended, empty while it lives.
func (r *run) epitaph() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.dead:
		return ""
	case r.waitErr == nil:
		return "exit status 0"
	default:
		return r.waitErr.Error()
	}
}

func (r *run) pid() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil || r.dead {
		return 0
	}
	return r.process.Pid
}

// kill ends the process and its group at once.
func (r *run) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil && !r.dead {
		killGroup(r.process)
	}
}

// finish waits for the end and the last output and removes the sockets.
func (r *run) finish() {
	_ = r.lineIn.CloseWithError(io.EOF)
	_ = r.lineOut.Close()
	if r.started() {
		<-r.exited
		r.outputs.Wait()
		for _, f := range r.readEnds {
			_ = f.Close()
		}
	}
	if r.sockets != "" {
		if err := os.RemoveAll(r.sockets); err != nil {
			r.logs.log.Warn("plugin's sockets cannot be removed", "error", err)
		}
	}
}

func (r *run) started() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process != nil
}

// Wait returns when the process is gone.
func (r *run) Wait(context.Context) error {
	<-r.exited
	return nil
}

// Kill ends the process and its group at once.
func (r *run) Kill(context.Context) error {
	r.kill()
	return nil
}

// Stdout gives go-plugin the handshake line and nothing else.
func (r *run) Stdout() io.ReadCloser { return r.lineOut }

// Stderr gives go-plugin nothing: the tail reads it.
func (r *run) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name is the executable.
func (r *run) Name() string { return r.spec.path }

// ID is the process number, empty before the start.
func (r *run) ID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return ""
	}
	return strconv.Itoa(r.process.Pid)
}

// Diagnose adds nothing; the fault of a start is told from what was seen.
func (r *run) Diagnose(context.Context) string { return "" }

// PluginToHost takes only a socket in the folder that was made for this process.
func (r *run) PluginToHost(network, address string) (string, string, error) {
	if network != "unix" || filepath.Dir(address) != r.sockets {
		return "", "", fmt.Errorf("it listens at %q, only a unix socket in its own folder is taken", sdk.Clip(sdk.Plain(network+" "+address), 100, nil))
	}
	info, err := os.Lstat(address)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return "", "", errors.New("what it listens at is no socket")
	}
	return network, address, nil
}

// HostToPlugin is for brokers, which are not used.
func (r *run) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
