// Package control lets the commands speak to the passport that runs: the database
// is the passport's alone, and so is what it knows of its plugins' processes.
//
// The passport listens on a unix socket that only its own user can reach. A
// question is one line of JSON, so is the answer; the operations are a table that
// core makes. Each question carries the key of control.key: a share plugin is of the
// same user and may find the socket, but it cannot read the data folder. The package
// owns no table and no event; on disk it owns the files control.key and control.sock,
// or control.path where the folder's own path is too long.
package control

import (
	"bufio"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/osier-passport/osier/core/secret"
)

// keyFile is what only who may read the data folder can read.
const keyFile = "control.key"

// ErrNotRunning is the error of Call when no passport listens in the folder.
var ErrNotRunning = errors.New("no passport runs with this data folder")

// Bounds of a talk.
const (
	maxLine  = 4 << 20 // bytes, of a question and of an answer
	patience = 30 * time.Second
	// maxPath is what the shortest system allows for the path of a socket.
	maxPath = 103
)

// Handler answers one operation: it reads its input from the raw JSON and gives
// what is answered as JSON. Its error's text is what the command prints.
type Handler func(ctx context.Context, in json.RawMessage) (any, error)

type question struct {
	Key string          `json:"key"`
	Op  string          `json:"op"`
	In  json.RawMessage `json:"in,omitempty"`
}

type reply struct {
	Out   json.RawMessage `json:"out,omitempty"`
	Error string          `json:"error,omitempty"`
}

// Server answers commands. Make it with Listen, end it with Close.
type Server struct {
	ops   map[string]Handler
	key   string
	log   *slog.Logger
	ln    net.Listener
	made  []string // to be removed in the end
	end   context.CancelFunc
	talks sync.WaitGroup
}

// Listen opens the socket of folder dir and answers until Close. The caller holds
// the folder: what an earlier passport left there is replaced.
func Listen(ctx context.Context, dir string, ops map[string]Handler, log *slog.Logger) (*Server, error) {
	s := &Server{ops: ops, key: secret.Token(), log: log}
	socket, err := s.place(dir)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := s.writeKey(dir); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if s.ln, err = (&net.ListenConfig{}).Listen(ctx, "unix", socket); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(err, s.ln.Close())
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	s.talks.Go(func() { s.accept(life) })
	return s, nil
}

// place finds room for the socket: in the folder, or in a folder of its own whose
// path control.path has.
func (s *Server) place(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	socket, pointer := filepath.Join(dir, "control.sock"), filepath.Join(dir, "control.path")
	for _, old := range []string{socket, pointer} {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if len(socket) <= maxPath {
		s.made = []string{socket}
		return socket, nil
	}
	far, err := os.MkdirTemp("", "osier-control-")
	if err != nil {
		return "", err
	}
	s.made = []string{far, pointer}
	return filepath.Join(far, "s"), os.WriteFile(pointer, []byte(filepath.Join(far, "s")), 0o600)
}

// writeKey puts the key into the folder, where nobody has seen an unfinished one.
func (s *Server) writeKey(dir string) error {
	path := filepath.Join(dir, keyFile)
	s.made = append(s.made, path)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, []byte(s.key), 0o600)
}

func (s *Server) accept(life context.Context) {
	for {
		conn, err := s.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.log.Warn("control socket", "error", err)
			return
		}
		s.talks.Go(func() { s.talk(life, conn) })
	}
}

func (s *Server) talk(life context.Context, conn net.Conn) {
	stop := context.AfterFunc(life, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	var q question
	if err := readLine(conn, &q); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(life, patience)
	defer cancel()
	r := s.answer(ctx, q)
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		s.log.Debug("control socket", "error", err)
	}
}

func (s *Server) answer(ctx context.Context, q question) reply {
	if subtle.ConstantTimeCompare([]byte(q.Key), []byte(s.key)) != 1 {
		return reply{Error: "the passport that runs does not take this command: the key in its data folder is another one"}
	}
	op, ok := s.ops[q.Op]
	if !ok {
		return reply{Error: fmt.Sprintf("the passport that runs does not know %q: it is of another version", q.Op)}
	}
	out, err := op(ctx, q.In)
	if err != nil {
		return reply{Error: err.Error()}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Out: data}
}

func readLine(r io.Reader, into any) error {
	line, err := bufio.NewReader(io.LimitReader(r, maxLine)).ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}

// Close ends the talks and removes the socket.
func (s *Server) Close() error {
	s.end()
	err := s.ln.Close()
	s.talks.Wait()
	for _, path := range s.made {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// Call asks the passport that runs with folder dir. The error is ErrNotRunning
// when there is none, else what the passport said.
func Call(ctx context.Context, dir, op string, in, out any) error {
	socket := filepath.Join(dir, "control.sock")
	if far, err := os.ReadFile(filepath.Join(dir, "control.path")); err == nil {
		socket = string(far)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EINVAL) {
		return ErrNotRunning
	}
	if err != nil {
		return fmt.Errorf("speak to the passport that runs: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	key, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		return fmt.Errorf("speak to the passport that runs: %w", err)
	}
	return ask(conn, question{Key: string(key), Op: op}, in, out)
}

func ask(conn net.Conn, q question, in, out any) error {
	_ = conn.SetDeadline(time.Now().Add(patience))
	var err error
	if q.In, err = json.Marshal(in); err != nil {
		return err
	}
	if err := json.NewEncoder(conn).Encode(q); err != nil {
		return fmt.Errorf("speak to the passport that runs: %w", err)
	}
	var r reply
	if err := readLine(conn, &r); err != nil {
		return fmt.Errorf("the passport that runs does not answer: %w", err)
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(r.Out, out)
}
