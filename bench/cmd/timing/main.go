// Command timing measures whether the time of an answer tells who has an account:
// it starts the passport on an empty folder, makes people with and without a
// password and some who bring the hash of theirs from another passport, and sends sign-ins and requests for a new password, for a sign-in link and
// for what is held about an address, for them and for nobody, in random order. It
// prints the medians and fails when one differs from that of nobody by 5 ms or more.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/osier-passport/osier/bench/pairs"
)

const (
	bound  = 5 * time.Millisecond
	people = 4 // of each kind: guesses are limited by account
)

var errTells = errors.New("the time of an answer tells who has an account")

func main() {
	n := flag.Int("n", 500, "requests of each kind")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *n)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "timing:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n int) error {
	work, err := os.MkdirTemp("", "osier-timing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	s, err := begin(ctx, work)
	if err != nil {
		return err
	}
	return errors.Join(s.measure(ctx, n), s.end())
}

// site is the passport that is measured.
type site struct {
	url    string
	cmd    *exec.Cmd
	client *http.Client
	csrf   string
	asked  int
}

func begin(ctx context.Context, work string) (*site, error) {
	root, err := pairs.Root()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(work, "osier")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, ".") //nolint:gosec // G204: our own program
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build osier: %w", err)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	listen := ln.Addr().String()
	if err := ln.Close(); err != nil {
		return nil, err
	}
	config := filepath.Join(work, "config.toml")
	text := fmt.Sprintf("data = %q\nlisten = %q\nlog_level = \"error\"\ntrusted_proxies = [\"127.0.0.1\"]\n"+
		"[smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\nfrom = \"badges@example.org\"\n", filepath.Join(work, "data"), listen)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	for i := range people {
		for handle, password := range map[string]string{fmt.Sprintf("has%d", i): "correct horse battery\n", fmt.Sprintf("none%d", i): "\n"} {
			cmd := exec.CommandContext(ctx, program, "user", "create", "--config", config, "--name", handle, "--email", handle+"@example.org", handle) //nolint:gosec // G204: as above
			cmd.Stdin = strings.NewReader(password)
			if out, err := cmd.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("make %s: %w\n%s", handle, err, out)
			}
		}
	}
	if err := bring(ctx, work, program, config); err != nil {
		return nil, err
	}
	s := &site{url: "http://" + listen, cmd: exec.Command(program, "serve", "--config", config)} //nolint:gosec,noctx // ended by end
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.enter(ctx)
}

// bring imports people whose passwords were kept by PBKDF2.
func bring(ctx context.Context, work, program, config string) error {
	rows := "name,email,confirmed,password\n"
	for i := range people {
		rows += fmt.Sprintf("Old,old%d@example.org,yes,pbkdf2+sha256$73616c74$100000$c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a\n", i)
	}
	file := filepath.Join(work, "accounts.csv")
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, program, "user", "import", "--config", config, file).CombinedOutput() //nolint:gosec // G204: as above
	if err != nil {
		return fmt.Errorf("bring people from elsewhere: %w\n%s", err, out)
	}
	return nil
}

var token = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// enter waits for the server and gets what its forms need.
func (s *site) enter(ctx context.Context) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	s.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/login", nil)
		if err != nil {
			return err
		}
		res, err := s.client.Do(req)
		if err == nil {
			body, errBody := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if m := token.FindSubmatch(body); errBody == nil && m != nil {
				s.csrf = string(m[1])
				return nil
			}
		}
		if time.Now().After(end) {
			return errors.Join(errors.New("the server does not answer"), s.end())
		}
	}
}

func (s *site) end() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	_ = s.cmd.Wait()
	return nil
}

// post sends a form from a network of its own, and gives the time to the answer.
func (s *site) post(ctx context.Context, path string, form url.Values) (time.Duration, int, error) {
	s.asked++
	form.Set("csrf", s.csrf)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewBufferString(form.Encode()))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.url)
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", s.asked>>16&255, s.asked>>8&255, s.asked&255))
	began := time.Now()
	res, err := s.client.Do(req)
	if err != nil {
		return 0, 0, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	took := time.Since(began)
	return took, res.StatusCode, errors.Join(err, res.Body.Close())
}

// kinds are whom a request is about.
var kinds = []string{"nobody", "with a password", "without a password", "with one from elsewhere"}

func name(kind, i int) string {
	return fmt.Sprintf("%s%d@example.org", []string{"nobody", "has", "none", "old"}[kind], i%people)
}

func (s *site) measure(ctx context.Context, n int) error {
	var tells error
	for _, form := range []struct {
		path   string
		status int
	}{{"/login", http.StatusUnprocessableEntity}, {"/reset", http.StatusOK}, {"/login/link", http.StatusOK}, {"/data-request", http.StatusOK}} {
		order := rand.Perm(len(kinds) * n)
		took := make([][]time.Duration, len(kinds))
		for _, at := range order {
			kind := at % len(kinds)
			d, status, err := s.post(ctx, form.path, url.Values{"address": {name(kind, at)}, "password": {"not the password"}})
			if err != nil || status != form.status {
				return errors.Join(fmt.Errorf("%s answers %d", form.path, status), err)
			}
			took[kind] = append(took[kind], d)
		}
		base := median(took[0])
		for kind, list := range took {
			apart := median(list) - base
			fmt.Fprintf(os.Stdout, "%-12s %-20s %4d requests, median %7.2f ms, %+6.2f ms from nobody's\n", form.path, kinds[kind], len(list),
				median(list).Seconds()*1000, apart.Seconds()*1000)
			if apart.Abs() >= bound {
				tells = errTells
			}
		}
	}
	return tells
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
