// Package archive reads the ZIP that core/mydata writes (docs/export.md) when
// somebody brings it back. What comes in is a stranger's: nothing is extracted by
// name, each name, count, size and checksum is held to a limit before anything
// else looks at it, and what the JSON says is a wish, never a fact.
//
// It owns no tables and publishes nothing. core/mydata opens archives; the
// features read from them what is theirs.
package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/fault"
)

// Limits of an archive.
const (
	MaxEntries = 10_000
	MaxTotal   = 512 << 20 // bytes of all files, unpacked
	MaxFile    = 16 << 20  // bytes of one file, unpacked
	MaxRatio   = 100       // of unpacked to packed, of a file of more than a few kilobytes
	smallFile  = 64 << 10  // text may shrink more

	maxName   = 200
	maxDepth  = 4
	endLength = 22
	minEntry  = 46 // bytes of a line of the directory

	format   = "osier-export"
	version  = 2
	manifest = "manifest.json"
	sums     = "SHA256SUMS"
)

// Manifest is what an archive says of itself.
type Manifest struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
	Site    string    `json:"site"`
	SiteURL string    `json:"siteUrl"`
	Person  string    `json:"person"`

	PersonID string `json:"personId"`
	Seal     string `json:"seal"` // by which a passport knows its own
}

// Archive is an open archive. It is used by one goroutine.
type Archive struct {
	Manifest Manifest
	SameSite bool // proven to be made by the passport that reads it; mydata sets it

	files map[string]*zip.File
	sums  map[string]string
	list  []byte // SHA256SUMS

	hashes map[string]string // of badges and files by id, once they were asked for
}

// Item is one thing in an archive and what becomes of it.
type Item struct {
	Number int
	Kind   string // profile, badge, page, comment and so on, as its owner names it
	Title  string // what people know it by
	Source string // file in the archive, may be empty
	State  State
	Reason string // message key, where it is refused
	Detail string
	Data   json.RawMessage // what the owner needs to take it in
}

// State says what will become, or has become, of an item.
type State string

// The states.
const (
	Add     State = "add"     // will be taken in
	Known   State = "known"   // is there already
	Refused State = "refused" // cannot be taken in
	Done    State = "done"    // has been taken in
)

// refuse is a fault that names the entry.
func refuse(key, name string) error {
	return fault.New(fault.Invalid, "mydata.zip."+key).With("name", strconv.QuoteToASCII(clip(name, 80)))
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

// Open reads the directory of an archive of size bytes and holds all of it to the
// limits. Its errors are faults that name the entry. Check reads the contents.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	if err := checkEnd(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, refuse("whole", "")
	}
	if len(z.File) > MaxEntries {
		return nil, refuse("entries", strconv.Itoa(len(z.File)))
	}
	a := &Archive{files: make(map[string]*zip.File, len(z.File))}
	seen := make(map[string]bool, len(z.File))
	var total uint64
	for _, f := range z.File {
		if err := admit(f, seen); err != nil {
			return nil, err
		}
		if total += f.UncompressedSize64; total > MaxTotal {
			return nil, refuse("total", f.Name)
		}
		a.files[f.Name] = f
	}
	return a, a.readHead()
}

// checkEnd wants the end record at the very end (APPNOTE 4.3.16), and no more
// entries than the limit, before the directory is read.
func checkEnd(r io.ReaderAt, size int64) error {
	if size < endLength {
		return refuse("whole", "")
	}
	end := make([]byte, endLength)
	if _, err := r.ReadAt(end, size-endLength); err != nil {
		return err
	}
	if !bytes.HasPrefix(end, []byte("PK\x05\x06")) {
		return refuse("whole", "")
	}
	directory := int64(end[12]) | int64(end[13])<<8 | int64(end[14])<<16 | int64(end[15])<<24
	if directory/minEntry > 8*MaxEntries || directory > size {
		return refuse("entries", "")
	}
	return nil
}

// admit holds one entry to the limits. What our own exports never hold, such as
// folders, links or odd names, is refused.
func admit(f *zip.File, seen map[string]bool) error {
	key := strings.ToLower(f.Name)
	switch {
	case !plainName(f.Name) || f.NonUTF8 && !ascii(f.Name):
		return refuse("name", f.Name)
	case seen[key]:
		return refuse("duplicate", f.Name)
	case f.Mode().Type() != 0 || f.Mode()&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0, f.Flags&1 != 0:
		return refuse("special", f.Name)
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return refuse("special", f.Name)
	case f.UncompressedSize64 > MaxFile:
		return refuse("large", f.Name)
	case f.UncompressedSize64 > smallFile && f.UncompressedSize64 > MaxRatio*(f.CompressedSize64+1):
		return refuse("bomb", f.Name)
	}
	seen[key] = true
	return nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// plainName takes letters, digits and a few marks, in folders without surprises.
func plainName(name string) bool {
	if name == "" || len(name) > maxName || !ascii(name) || path.Clean(name) != name || strings.Count(name, "/") >= maxDepth {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		base, _, _ := strings.Cut(strings.ToLower(part), ".")
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".") || device(base) {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./", r)
	})
}

// device tells names that mean something else to Windows.
func device(base string) bool {
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "com") || strings.HasPrefix(base, "lpt")) && base[3] >= '0' && base[3] <= '9'
}

// readHead reads the manifest and the checksums.
func (a *Archive) readHead() error {
	text, err := a.bytes(manifest)
	if err != nil {
		return refuse("no_export", manifest)
	}
	if json.Unmarshal(text, &a.Manifest) != nil || a.Manifest.Format != format {
		return refuse("no_export", manifest)
	}
	if a.Manifest.Version != version {
		return fault.New(fault.Invalid, "mydata.zip.version").With("version", strconv.Itoa(a.Manifest.Version))
	}
	list, err := a.bytes(sums)
	if err != nil {
		return refuse("no_sums", sums)
	}
	a.list = list
	a.sums = make(map[string]string, len(a.files))
	for line := range strings.Lines(string(list)) {
		sum, name, _ := strings.Cut(strings.TrimRight(line, "\n"), "  ")
		a.sums[name] = sum
	}
	for name := range a.files {
		if name != sums && a.sums[name] == "" {
			return refuse("not_listed", name)
		}
	}
	for name := range a.sums {
		if a.files[name] == nil {
			return refuse("missing", name)
		}
	}
	return nil
}

// Check reads every file and holds it against its checksum.
func (a *Archive) Check() error {
	for name := range a.files {
		if name == sums {
			continue
		}
		if _, err := a.Read(name); err != nil {
			return err
		}
	}
	return nil
}

// Sums gives SHA256SUMS as it is, without the line of the manifest.
func (a *Archive) Sums() []byte {
	var out []byte
	for line := range bytes.Lines(a.list) {
		if !bytes.HasSuffix(line, []byte("  "+manifest+"\n")) {
			out = append(out, line...)
		}
	}
	return out
}

// Has reports whether there is a file of a name.
func (a *Archive) Has(name string) bool { return a.files[name] != nil }

// Read gives the bytes of a file that match its checksum, or a fault that names it.
func (a *Archive) Read(name string) ([]byte, error) {
	data, err := a.bytes(name)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != a.sums[name] {
		return nil, refuse("changed", name)
	}
	return data, nil
}

// JSON reads a document into v. A document that is not there leaves v as it is.
func (a *Archive) JSON(name string, v any) error {
	if !a.Has(name) {
		return nil
	}
	data, err := a.Read(name)
	if err != nil {
		return err
	}
	if json.Unmarshal(data, v) != nil {
		return refuse("form", name)
	}
	return nil
}

// bytes unpacks a file, no further than it said that it goes.
func (a *Archive) bytes(name string) ([]byte, error) {
	f := a.files[name]
	if f == nil {
		return nil, refuse("missing", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, refuse("damaged", name)
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(f.UncompressedSize64)+1)) //nolint:gosec // at most MaxFile, see admit
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, refuse("damaged", name)
	}
	if uint64(len(data)) != f.UncompressedSize64 {
		return nil, refuse("bomb", name)
	}
	return data, nil
}
