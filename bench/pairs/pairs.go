// Package pairs is the list of what is measured: each pair holds a piece of the
// passport against the least that the work can cost, or against another way of
// doing it.
//
// It owns nothing; cmd/ratio runs it.
package pairs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/osier-passport/osier/bench/gen"
	"github.com/osier-passport/osier/bench/measure"
)

// Maker makes a pair when it is needed.
type Maker struct {
	Name string
	Make func(ctx context.Context, e *Env) (measure.Pair, error)
}

// All lists the pairs in the order in which they run. Those that write come last.
func All() []Maker {
	var all []Maker
	for _, list := range [][]Maker{verifying(), extracting(), plugging(), feeding(), exploring(), showing(), starting(), importing(), keeping(), leaving(), writing()} {
		all = append(all, list...)
	}
	return all
}

// Env is what the pairs share: the binaries, the generated community and the
// servers that run.
type Env struct {
	Root  string // of the repository
	Work  string // folder for all that is made
	Data  string // generated folder; "" makes one
	Scale float64
	// Postgres is the address of a PostgreSQL database that holds the community of Data
	// (cmd/gen -postgres): pages and searches are asked of it. "" is the SQLite file.
	Postgres string
	Log      func(format string, args ...any)

	manifest *gen.Manifest
	built    map[string]string
	servers  map[string]*server
	peer     *nodePeer
}

// Root finds the repository from the folder that the program runs in.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module github.com/osier-passport/osier\n") {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("run this inside of the repository")
		}
		dir = up
	}
}

// Close ends what runs.
func (e *Env) Close() error { return errors.Join(e.stopServers(), e.peer.close()) }

// database is the address of the community's database.
func (e *Env) database() string {
	if e.Postgres != "" {
		return e.Postgres
	}
	return gen.Database(e.Data)
}

// community is the generated folder.
func (e *Env) community(ctx context.Context) (gen.Manifest, error) {
	if e.manifest != nil {
		return *e.manifest, nil
	}
	m, err := e.findOrMake(ctx)
	if err == nil {
		e.manifest = &m
	}
	return m, err
}

func (e *Env) findOrMake(ctx context.Context) (gen.Manifest, error) {
	if e.Data == "" {
		e.Data = filepath.Join(e.Work, "data")
	}
	m, err := gen.Of(e.Data)
	if errors.Is(err, os.ErrNotExist) {
		e.Log("making a community of scale %g in %s", e.Scale, e.Data)
		return gen.Generate(ctx, gen.Options{Dir: e.Data, Scale: e.Scale, Seed: 1, Now: time.Now()})
	}
	if err == nil && time.Since(m.Made) > 6*24*time.Hour {
		return m, fmt.Errorf("%s was made %s ago: its badges are due for another check; make it again", e.Data, time.Since(m.Made).Round(time.Hour))
	}
	return m, err
}

// binary builds the passport ("osier") or a program of this module, stripped.
func (e *Env) binary(ctx context.Context, name string) (string, error) {
	if path, ok := e.built[name]; ok {
		return path, nil
	}
	dir, what := e.Root, "."
	if name != "osier" {
		dir, what = filepath.Join(e.Root, "bench"), "./"+name
	}
	path := filepath.Join(e.Work, name+".bin")
	e.Log("building %s", name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, what) //nolint:gosec // G204: our own programs
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	if e.built == nil {
		e.built = make(map[string]string)
	}
	e.built[name] = path
	unix.Sync() // what the build wrote is not written while something is measured
	return path, nil
}

// times repeats f.
func times(f func(ctx context.Context, i int) error) func(ctx context.Context, n int) error {
	return func(ctx context.Context, n int) error {
		for i := range n {
			if err := f(ctx, i); err != nil {
				return err
			}
		}
		return nil
	}
}
