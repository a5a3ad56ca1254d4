package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// fileDocuments answers from files in place of the network.
type fileDocuments struct{ paths map[string]string }

// LoadDocuments reads a JSON object that maps addresses to files (absolute, or relative to
// the object's own file) and returns a Fetcher that answers from them. An address that the
// map lacks is unavailable.
func LoadDocuments(path string) (Fetcher, error) {
	b, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("read documents %s: %w", path, err)
	}
	for address, file := range m {
		if !filepath.IsAbs(file) {
			m[address] = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
		}
	}
	return fileDocuments{m}, nil
}

// Fetch implements Fetcher.
func (d fileDocuments) Fetch(_ context.Context, address string) (Document, error) {
	file, ok := d.paths[address]
	if !ok {
		return Document{}, fmt.Errorf("%s is not among the documents: %w", address, ErrUnavailable)
	}
	b, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return Document{}, fmt.Errorf("read %s: %w", file, ErrUnavailable)
	}
	return Document{URL: address, FinalURL: address, Status: 200, ContentType: sniffType(file, b), Body: b}, nil
}

// sniffType guesses a content type from the bytes.
func sniffType(file string, b []byte) string {
	head := strings.TrimSpace(string(b[:min(len(b), 512)]))
	switch {
	case strings.HasPrefix(head, "\x89PNG"):
		return "image/png"
	case strings.HasPrefix(head, "\xff\xd8\xff"):
		return "image/jpeg"
	case strings.HasPrefix(head, "GIF8"):
		return "image/gif"
	case strings.Contains(head, "<svg"):
		return "image/svg+xml"
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		return "application/ld+json"
	case strings.HasPrefix(strings.ToLower(head), "<!doctype html"), filepath.Ext(file) == ".html":
		return "text/html"
	}
	return "text/plain"
}
