package pairs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/osier-passport/osier/bench/measure"
)

// server is a child process that answers HTTP.
type server struct {
	address string
	cmd     *exec.Cmd
	ended   chan error
	output  *bytes.Buffer
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// start runs a program on a free port and returns without waiting for it.
func start(ctx context.Context, env []string, program string, args ...string) (*server, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{address: ln.Addr().String(), ended: make(chan error, 1), output: &bytes.Buffer{}}
	if err := ln.Close(); err != nil {
		return nil, err
	}
	s.cmd = exec.Command(program, append(args, "--listen", s.address)...) //nolint:gosec,noctx // G204: our own programs; ended by stop
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s, nil
}

const (
	patience = 60 * time.Second
	poll     = 300 * time.Microsecond
)

// ready waits for the first answer 200.
func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/healthz", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(req)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("%s ended: %w\n%s", s.cmd.Path, err, s.output)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", s.cmd.Path, ctx.Err())
		case <-time.After(poll):
		}
	}
}

// quiet waits until the server has nothing left to do.
func (s *server) quiet(ctx context.Context) error {
	const look = 300 * time.Millisecond
	for end := time.Now().Add(patience); time.Now().Before(end); {
		before, err := measure.CPU(s.pid())
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(look):
		}
		after, err := measure.CPU(s.pid())
		if err != nil || after-before < look/50 {
			return err
		}
	}
	return errors.New("the server does not come to rest")
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.ended:
		if _, ok := errors.AsType[*exec.ExitError](err); ok {
			return nil // by its own will or by the signal
		}
		return err
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s does not end", s.cmd.Path), s.cmd.Process.Kill())
	}
}

// startOsier starts the passport on the generated folder.
func (e *Env) startOsier(ctx context.Context) (*server, error) {
	if _, err := e.community(ctx); err != nil {
		return nil, err
	}
	program, err := e.binary(ctx, "osier")
	if err != nil {
		return nil, err
	}
	data, err := filepath.Abs(e.Data)
	if err != nil {
		return nil, err
	}
	env := []string{"OSIER_DATA=" + data, "OSIER_LOG_LEVEL=error"}
	if e.Postgres != "" {
		env = append(env, "OSIER_DATABASE="+e.Postgres)
	}
	return start(ctx, env, program, "serve")
}

func (e *Env) startLinkall(ctx context.Context, args ...string) (*server, error) {
	program, err := e.binary(ctx, "linkall")
	if err != nil {
		return nil, err
	}
	return start(ctx, nil, program, args...)
}

// server gives the running server of a name, or starts it and waits for rest.
func (e *Env) server(ctx context.Context, name string, start func(context.Context) (*server, error)) (*server, error) {
	if s, ok := e.servers[name]; ok {
		return s, nil
	}
	s, err := start(ctx)
	if err != nil {
		return nil, err
	}
	if e.servers == nil {
		e.servers = make(map[string]*server)
	}
	e.servers[name] = s
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s, s.quiet(ctx)
}

func (e *Env) stopServers() error {
	var errs []error
	for name, s := range e.servers {
		errs = append(errs, s.stop())
		delete(e.servers, name)
	}
	return errors.Join(errs...)
}
