// Package server runs the real osier binary for tests, and says what was wrong
// with it in the end: a bad exit, a process left behind, an error in the log.
//
// It owns no table. The tests in test/e2e and test/kill9 call it.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long the binary may take to start or to end.
const patience = 90 * time.Second

// demoAt is how the demo tells its address.
var demoAt = regexp.MustCompile(`the demo is at (\S+)`)

// Options say how a server runs.
type Options struct {
	Command []string // "serve" when empty
	Dir     string   // a folder of its own when empty; config.toml and the data folder are in it
	Config  string   // lines of config.toml beside listen and data
	Env     []string // beside PATH and HOME
	Listen  string   // a free port when empty
	NoData  bool     // config.toml names no data folder
}

// Server is a running osier.
type Server struct {
	URL   string // as the server itself names it, without a slash at the end
	Setup string // the one-time setup link, "" when there is none
	Dir   string
	Log   *Log

	listen string
	cmd    *exec.Cmd
	ended  chan struct{}
	once   sync.Once
	err    error // of the process, once ended is closed
}

// Binary gives the path of osier: OSIER_BINARY, or one built now.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("OSIER_BINARY"); path != "" {
		return path, nil
	}
	return Build(Root(), "osier")
})

// Build builds the main package in a folder into test/out. Several test programs
// may do so at once.
func Build(dir, name string, env ...string) (string, error) {
	path := filepath.Join(Root(), "test", "out", "bin", name)
	draft := fmt.Sprint(path, ".", os.Getpid())
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", draft, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", name, err, out)
	}
	return path, os.Rename(draft, path)
}

// Root is the folder of the repository.
func Root() string {
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "config.example.toml")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return "."
}

// Start runs osier and waits until it serves. When the test ends it is stopped
// with SIGTERM and must end well.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := start(t, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop(t)
		s.CheckLog(t)
	})
	return s
}

func start(t testing.TB, o Options) (*Server, error) {
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Listen == "" {
		o.Listen = FreeAddress(t)
	}
	s := &Server{Dir: o.Dir, listen: o.Listen, Log: newLog(), ended: make(chan struct{})}
	if err := os.WriteFile(s.ConfigFile(), []byte(config(s, o)), 0o600); err != nil {
		return nil, err
	}
	args := o.Command
	if len(args) == 0 {
		args = []string{"serve", "--config", s.ConfigFile()}
	}
	s.cmd = exec.Command(Binary(t), append(args, "--listen", o.Listen)...) //nolint:noctx // ended by Stop and Kill
	s.cmd.Dir = o.Dir
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + o.Dir, "TMPDIR=" + os.TempDir()}, o.Env...)
	s.cmd.Stdout, s.cmd.Stderr = s.Log, s.Log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // what it leaves behind has its session
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start osier: %w", err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	return s, s.awaitServing()
}

func config(s *Server, o Options) string {
	if o.NoData {
		return o.Config
	}
	return fmt.Sprintf("data = %q\n%s", s.Data(), o.Config)
}

// awaitServing reads the log until it tells the address.
func (s *Server) awaitServing() error {
	deadline := time.After(patience)
	for {
		if line, ok := s.Log.Find("serving"); ok {
			s.URL = strings.TrimSuffix(line.Text("url"), "/")
			if first, ok := s.Log.Find("no administrator yet"); ok { // it comes before
				s.Setup = first.Text("setup")
			}
			return nil
		}
		if found := demoAt.FindStringSubmatch(s.Log.String()); found != nil {
			s.URL = strings.TrimSuffix(found[1], "/")
			return nil
		}
		select {
		case <-s.Log.More():
		case <-s.ended:
			return fmt.Errorf("osier ended before it served: %w\n%s", s.err, s.Log)
		case <-deadline:
			return errors.Join(fmt.Errorf("osier does not serve\n%s", s.Log), s.cmd.Process.Kill())
		}
	}
}

// ConfigFile is the configuration the server was started with.
func (s *Server) ConfigFile() string { return filepath.Join(s.Dir, "config.toml") }

// Data is the data folder.
func (s *Server) Data() string { return filepath.Join(s.Dir, "data") }

// Stop ends the server with SIGTERM: it must end by itself, with exit code 0,
// and take its plugin processes along. Stopping twice is fine.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.once.Do(func() {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("stop osier: %v", err)
		}
		select {
		case <-s.ended:
		case <-time.After(patience):
			t.Errorf("osier does not end after SIGTERM\n%s", s.Log)
			_ = s.cmd.Process.Kill()
			<-s.ended
		}
		if s.err != nil {
			t.Errorf("osier ended with %v\n%s", s.err, s.Log)
		}
		if left := session(s.cmd.Process.Pid); len(left) > 0 {
			t.Errorf("osier left processes behind: %v", left)
		}
	})
}

// Kill ends the server with SIGKILL, as a power cut would. Its plugin processes
// have to notice.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.once.Do(func() {
		if err := s.cmd.Process.Kill(); err != nil {
			t.Errorf("kill osier: %v", err)
		}
		<-s.ended
		left := session(s.cmd.Process.Pid)
		for end := time.Now().Add(5 * time.Second); len(left) > 0 && time.Now().Before(end); left = session(s.cmd.Process.Pid) {
			time.Sleep(5 * time.Millisecond)
		}
		if len(left) > 0 {
			t.Errorf("processes outlive osier: %v", left)
		}
	})
}

// CheckLog fails the test for each error and panic in the log.
func (s *Server) CheckLog(t testing.TB) {
	t.Helper()
	for _, line := range s.Log.Bad() {
		t.Errorf("in the log: %s", line)
	}
}

// Run runs another osier command with the server's configuration and gives what
// it printed. The server must not be running.
func (s *Server) Run(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Binary(t), args...)
	cmd.Dir, cmd.Env, cmd.Stdin = s.Dir, s.cmd.Env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("osier %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// FreeAddress gives a loopback address with a port that is free now.
func FreeAddress(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// session lists the processes of a session, by Linux's /proc; elsewhere none.
func session(id int) []string {
	var left []string
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	for _, dir := range dirs {
		stat, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue // it has ended meanwhile
		}
		// pid (name) state parent group session; the name may hold anything
		_, rest, _ := bytes.Cut(stat, []byte(") "))
		f := strings.Fields(string(rest))
		if len(f) > 3 && f[3] == fmt.Sprint(id) && f[0] != "Z" {
			left = append(left, filepath.Base(dir)+" "+string(stat[:min(len(stat), 60)]))
		}
	}
	return left
}
