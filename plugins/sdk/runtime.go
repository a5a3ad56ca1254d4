package sdk

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Runtime says what runs a plugin that has a folder.
type Runtime string

// The runtimes. A plugin of RuntimeGo is one executable that speaks with the host
// by mutual TLS. The others are their whole folder: the host holds every file of
// it against its hash, starts Manifest.Entry in a private copy, and speaks with it
// in the clear over a socket that nobody else can open.
const (
	RuntimeGo     Runtime = "go"     // also what is meant when nothing is said
	RuntimeNode   Runtime = "node"   // Node.js of the machine
	RuntimePython Runtime = "python" // Python of the machine
	RuntimeExec   Runtime = "exec"   // an executable in any other language
)

// maxEntry bounds Manifest.Entry, in words.
const maxEntry = 16

// Command gives what starts a plugin whose runtime is not Go: the program and its
// arguments, of which those that name files are relative to the folder. It is nil
// for Go. The error says what is wrong with runtime, entry or binary.
func (m Manifest) Command() ([]string, error) {
	entry := m.Entry
	switch m.Runtime {
	case "", RuntimeGo:
		if entry != nil {
			return nil, errors.New("entry is for runtime node, python or exec; a Go plugin has binary")
		}
		return nil, nil
	case RuntimeNode:
		entry = orWords(entry, "node", "main.js")
	case RuntimePython:
		entry = orWords(entry, "python3", "main.py")
	case RuntimeExec:
		entry = orWords(entry, m.ID)
	default:
		return nil, fmt.Errorf("runtime %q is not known: go, node, python or exec", Plain(string(m.Runtime)))
	}
	if m.Binary != "" {
		return nil, errors.New("binary is for runtime go; the others have entry")
	}
	if len(entry) > maxEntry || slices.ContainsFunc(entry, func(word string) bool { return word == "" || strings.ContainsRune(word, 0) }) {
		return nil, fmt.Errorf("entry has 1 to %d words, none of them empty", maxEntry)
	}
	if m.Runtime == RuntimeExec && !filepath.IsLocal(entry[0]) {
		return nil, fmt.Errorf("entry %q is not a file of the folder", Plain(entry[0]))
	}
	return slices.Clone(entry), nil
}

func orWords(words []string, fallback ...string) []string {
	if len(words) == 0 {
		return fallback
	}
	return words
}
