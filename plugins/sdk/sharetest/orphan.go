package sharetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// lookRound is what a plugin has after the handshake to see who started it.
const lookRound = 500 * time.Millisecond

// endsWithParent starts a second process below a shell and kills the shell, as a
// passport may be: the plugin's output ends with it.
func endsWithParent(ctx context.Context, p *subject) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.MkdirTemp("", "orphan")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	h := wire.Handshake()
	shell := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", `"$0" "$@" & wait`}, p.command...)...) //nolint:gosec // G204: the plugin that is to be tried
	shell.Env = append(p.environment(), h.MagicCookieKey+"="+h.MagicCookieValue, fmt.Sprintf("PLUGIN_PROTOCOL_VERSIONS=%d", wire.Major), "PLUGIN_UNIX_SOCKET_DIR="+dir)
	out, err := shell.StdoutPipe()
	if err != nil {
		return err
	}
	if err := shell.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	in := bufio.NewReader(out)
	go func() {
		line, err := in.ReadString('\n')
		if err == nil && !strings.HasPrefix(line, fmt.Sprintf("1|%d|", wire.Major)) {
			err = fmt.Errorf("it printed %q before the handshake", line)
		}
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-time.After(CallTimeout):
		err = errors.New("no handshake")
	}
	time.Sleep(lookRound)
	if err := errors.Join(err, shell.Process.Kill()); err != nil {
		return err
	}
	silent := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in) // ends with the process
		close(silent)
	}()
	select {
	case <-silent:
	case <-time.After(5 * time.Second):
		err = errors.New("it still runs 5 s after who started it was killed")
	}
	if shell.Wait() == nil {
		err = errors.Join(err, errors.New("who started it ended well, though it was killed"))
	}
	return err
}
