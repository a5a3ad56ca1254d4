package host

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const lockHead = `# Plugins that may run: name, SHA-256 of the executable (and of its plugin.yaml), since when.
# A plugin that differs from its line is not started until it is accepted again.
`

var sumPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}(\+[0-9a-f]{64})?$`) })

// lockFile is plugins.lock. It is read on every use, so that what a command
// accepts holds for the running passport.
type lockFile struct{ path string }

// get gives the accepted hash of id, empty when it was never seen.
func (l lockFile) get(id string) (string, error) {
	lines, err := l.read()
	if err != nil {
		return "", err
	}
	if fields := strings.Fields(lines[id]); len(fields) > 1 {
		return fields[1], nil
	}
	return "", nil
}

// put writes the accepted hash of id, replacing the file in one step.
func (l lockFile) put(id, sum string, now time.Time) error {
	lines, err := l.read()
	if err != nil {
		return err
	}
	lines[id] = fmt.Sprintf("%s %s %s", id, sum, now.UTC().Format(time.RFC3339))
	return l.write(lines)
}

// drop takes id out; one that is not there is fine.
func (l lockFile) drop(id string) error {
	lines, err := l.read()
	if err != nil || lines[id] == "" {
		return err
	}
	delete(lines, id)
	return l.write(lines)
}

func (l lockFile) write(lines map[string]string) error {
	text := bytes.NewBufferString(lockHead)
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		text.WriteString(lines[id] + "\n")
	}
	f, err := os.CreateTemp(filepath.Dir(l.path), ".plugins.lock-")
	if err != nil {
		return err
	}
	_, err = f.Write(text.Bytes())
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), l.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// read gives the lines by name. A line that makes no sense is an error, so that
// a damaged file never lets a changed plugin through.
func (l lockFile) read() (map[string]string, error) {
	lines := map[string]string{}
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return lines, nil
	}
	if err != nil {
		return nil, err
	}
	scan := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; scan.Scan(); n++ {
		line := strings.TrimSpace(scan.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 2 || !sumPattern().MatchString(fields[1]) {
			return nil, fmt.Errorf("%s: line %d is damaged", l.path, n)
		}
		lines[fields[0]] = line
	}
	return lines, scan.Err()
}
