package core

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/install"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/sharetest"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// manifestFile is the file of a plugin that says what it offers.
const manifestFile = "plugin.yaml"

type pluginTestCommand struct {
	Path string `arg:"" help:"An executable, or a plugin's folder: one with a go.mod is built first." type:"path"`

	JSON bool `help:"Print JSON."`
}

// Run tries the plugin; the error says how many demands it does not meet.
func (c pluginTestCommand) Run(ctx context.Context, s Streams) error {
	command, done, err := pluginCommandOf(ctx, c.Path)
	defer done()
	if err != nil {
		return err
	}
	results, err := sharetest.Run(ctx, command...)
	if err != nil {
		return err
	}
	if err := c.print(s, results); err != nil {
		return err
	}
	missed := 0
	for _, r := range results {
		if r.Err != nil {
			missed++
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d demands are not met", missed, len(results))
	}
	if !c.JSON {
		_, err = fmt.Fprintf(s.Out, "All %d demands that concern its targets are met.\n", len(results))
	}
	return err
}

func (c pluginTestCommand) print(s Streams, results []sharetest.Result) error {
	type line struct {
		Demand string `json:"demand"`
		Met    bool   `json:"met"`
		Error  string `json:"error,omitempty"`
	}
	encode := json.NewEncoder(s.Out)
	for _, r := range results {
		l := line{Demand: r.Name, Met: r.Err == nil}
		word := "ok    "
		if r.Err != nil {
			l.Error, word = r.Err.Error(), "MISSED"
		}
		var err error
		switch {
		case c.JSON:
			err = encode.Encode(l)
		case l.Met:
			_, err = fmt.Fprintf(s.Out, "%s %s\n", word, l.Demand)
		default:
			_, err = fmt.Fprintf(s.Out, "%s %s\n       %s\n", word, l.Demand, oneLine(l.Error))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pluginCommandOf gives what starts the plugin at path, and what removes what was
// made for it.
func pluginCommandOf(ctx context.Context, path string) (command []string, done func(), err error) {
	done = func() {}
	info, err := os.Stat(path)
	if err != nil {
		return nil, done, err
	}
	if !info.IsDir() {
		return []string{path}, done, startable(path, info)
	}
	data, err := os.ReadFile(filepath.Join(path, manifestFile))
	if err != nil {
		return nil, done, fmt.Errorf("a plugin's folder has a %s: %w", manifestFile, err)
	}
	m, err := sdk.ParseManifest(data)
	if err != nil {
		return nil, done, err
	}
	if m.Binary != "" && m.Binary != filepath.Base(m.Binary) {
		return nil, done, fmt.Errorf("%s: binary is the name of a file beside it", manifestFile)
	}
	if entry, err := m.Command(); err != nil {
		return nil, done, err
	} else if entry != nil {
		command, err := inFolder(path, entry)
		return command, done, err
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return buildPlugin(ctx, path)
	}
	binary := filepath.Join(path, cmp.Or(m.Binary, m.ID))
	if info, err := os.Stat(binary); err == nil {
		return []string{binary}, done, startable(binary, info)
	}
	if !m.Complete() {
		return nil, done, fmt.Errorf("there is neither a go.mod nor an executable %s, and not every target has a url", binary)
	}
	self, err := os.Executable()
	return []string{self, "plugin", "serve", m.ID, "--manifest", filepath.Join(path, manifestFile)}, done, err
}

// startable tells in a sentence why the file at path cannot be started, where that
// can be told before it is tried.
func startable(path string, info fs.FileInfo) error {
	if err := install.CheckExecutable(path); err != nil {
		return fmt.Errorf("%s cannot be started: %w", path, err)
	}
	if info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("%s may not be started: chmod 755 %s", path, path)
	}
	return nil
}

// inFolder gives the words of an entry as a passport starts them: the program from
// where a passport takes it, and files of dir as paths.
func inFolder(dir string, entry []string) ([]string, error) {
	path, err := host.Program(dir, entry[0])
	if err != nil {
		return nil, fmt.Errorf("%s is in none of %s, where a passport looks for it: install it there, or give its whole path in entry of %s",
			entry[0], strings.ReplaceAll(wire.SearchPath, ":", ", "), manifestFile)
	}
	words := slices.Clone(entry)
	words[0] = path
	for n, word := range words {
		if path := filepath.Join(dir, word); filepath.IsLocal(word) {
			if _, err := os.Stat(path); err == nil { //nolint:gosec // G703: a file of the folder that is named
				words[n] = path
			}
		}
	}
	return words, nil
}

// buildPlugin builds the Go module at dir into a folder of its own.
func buildPlugin(ctx context.Context, dir string) (command []string, done func(), err error) {
	out, err := os.MkdirTemp("", "osier-plugin-")
	if err != nil {
		return nil, func() {}, err
	}
	done = func() { _ = os.RemoveAll(out) }
	binary := filepath.Join(out, "plugin")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".") //nolint:gosec // G204: go, in the folder that is named
	build.Dir = dir
	if text, err := build.CombinedOutput(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, done, errors.New("go is needed to build the plugin: https://go.dev/dl")
		}
		return nil, done, fmt.Errorf("go build: %w\n%s", err, text)
	}
	return []string{binary}, done, nil
}
