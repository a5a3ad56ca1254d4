package bake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"unicode"
)

// Limits on an archive.
const (
	MaxArchive    = 32 << 20  // bytes of a ZIP file
	maxUnpacked   = 64 << 20  // bytes of all its entries together, unpacked
	maxEntries    = 1000      // files in it
	maxEntryName  = 512       // bytes of a name
	maxEntryDepth = 16        // folders around an entry
	maxRatio      = 100       // unpacked to packed, for entries above ratioFrom
	ratioFrom     = 256 << 10 // bytes
)

var (
	zipEntry      = []byte("PK\x03\x04")
	zipDirectory  = []byte("PK\x01\x02")
	zipEnd        = []byte("PK\x05\x06")
	zipEndLength  = 22
	hiddenFolders = "__MACOSX"
)

// ExtractAll finds every credential that file carries: one for a file that
// Extract understands, one for each file in a ZIP archive, in the order of its
// directory. A file in the archive that gives no credential is there with Err
// in place of Payload. What operating systems add (__MACOSX/, files whose names
// begin with a dot) is left out. Nothing is written to disk, no name is used as
// a path, and an archive in an archive is not opened.
//
// Every failure is an *Error. An archive as a whole is refused when it is
// damaged, too large, or has entries that no honest packer makes: names that
// lead out of their folder or come twice, links and devices, bombs.
func ExtractAll(file []byte) ([]Found, error) {
	if !isZIP(file) {
		f, err := Extract(file)
		if err != nil {
			return nil, err
		}
		f.File = file
		return []Found{f}, nil
	}
	entries, err := readDirectory(file)
	if err != nil {
		return nil, err
	}
	list := make([]Found, 0, len(entries))
	left := int64(maxUnpacked)
	for _, e := range entries {
		f, err := unpack(e, &left)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func isZIP(file []byte) bool { return bytes.HasPrefix(file, zipEntry) || bytes.HasPrefix(file, zipEnd) }

// readDirectory gives the entries that may hold a badge, all names checked.
func readDirectory(file []byte) ([]*zip.File, error) {
	if err := checkArchive(file); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, &Error{Reason: "zip-damaged", Detail: err.Error()}
	}
	var list []*zip.File
	seen := map[string]bool{}
	for _, e := range r.File {
		keep, err := admit(e, seen)
		if err != nil {
			return nil, err
		}
		if keep {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil, &Error{Reason: "zip-empty"}
	}
	return list, nil
}

// checkArchive holds an archive to its limits before its directory is read, and
// wants its end record at the very end (APPNOTE 4.3.16): what is hidden behind
// it, another reader may find.
func checkArchive(file []byte) error {
	if len(file) > MaxArchive {
		return &Error{Reason: "too-large"}
	}
	end := bytes.LastIndex(file, zipEnd)
	if end < 0 || len(file)-end < zipEndLength ||
		int(binary.LittleEndian.Uint16(file[end+20:])) != len(file)-end-zipEndLength {
		return &Error{Reason: "zip-damaged"}
	}
	// Counted here and not believed: the record may name any number.
	if n := bytes.Count(file, zipDirectory); n > maxEntries {
		return &Error{Reason: "zip-entries", Detail: strconv.Itoa(n)}
	}
	return nil
}

// admit tells whether an entry is to be read. Folders and the litter of
// operating systems are not; what should not be there at all is an error.
func admit(e *zip.File, seen map[string]bool) (bool, error) {
	name := strings.ReplaceAll(e.Name, `\`, "/") // as old packers for Windows write it
	parts := strings.Split(strings.TrimSuffix(name, "/"), "/")
	if !isPlainName(name, parts) {
		return false, &Error{Reason: "zip-name", Detail: strconv.QuoteToASCII(clip(e.Name, 80))}
	}
	key := strings.ToLower(strings.Join(parts, "/"))
	if seen[key] {
		return false, &Error{Reason: "zip-duplicate", Detail: strconv.QuoteToASCII(e.Name)}
	}
	seen[key] = true
	folder := strings.HasSuffix(name, "/")
	switch kind := e.Mode().Type(); {
	case kind != 0 && kind != fs.ModeDir, folder && e.UncompressedSize64 > 0:
		return false, &Error{Reason: "zip-special", Detail: strconv.QuoteToASCII(e.Name)}
	case folder, kind == fs.ModeDir:
		return false, nil
	}
	return parts[0] != hiddenFolders && parts[len(parts)-1][0] != '.', nil
}

// isPlainName refuses names that mean something to a file system or hide what
// they are: absolute ones, "..", drives, hidden folders, control and direction
// characters.
func isPlainName(name string, parts []string) bool {
	if len(name) > maxEntryName || len(parts) > maxEntryDepth || isDrive(parts[0]) {
		return false
	}
	for i, p := range parts {
		if p == "" || p == "." || strings.HasPrefix(p, "..") || p[0] == '.' && i < len(parts)-1 {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) })
}

func isDrive(part string) bool { return len(part) > 1 && part[1] == ':' }

func clip(s string, n int) string { return s[:min(len(s), n)] }

// unpack reads one entry. Its failures are the entry's own, except those that
// show an archive made to hurt.
func unpack(e *zip.File, left *int64) (Found, error) {
	data, err := entryBytes(e, left)
	f := Found{}
	if err == nil {
		f, err = Extract(data)
	}
	f.Name, f.File = strings.ToValidUTF8(e.Name, "\ufffd"), data
	if err == nil {
		return f, nil
	}
	switch f.Err = reasonOf(err); f.Err.Reason {
	case "zip-bomb":
		return Found{}, f.Err
	case "archive":
		f.Err = &Error{Reason: "zip-nested"}
	}
	return f, nil
}

// entryBytes unpacks an entry within the limits and verifies its checksum.
func entryBytes(e *zip.File, left *int64) ([]byte, error) {
	size, packed := e.UncompressedSize64, e.CompressedSize64
	switch {
	case e.Flags&1 != 0:
		return nil, &Error{Reason: "zip-encrypted"}
	case e.Method != zip.Store && e.Method != zip.Deflate:
		return nil, &Error{Reason: "zip-method", Detail: strconv.Itoa(int(e.Method))}
	case size > ratioFrom && size/maxRatio > packed:
		return nil, &Error{Reason: "zip-bomb", Detail: strconv.QuoteToASCII(e.Name)}
	case size > MaxFile:
		return nil, &Error{Reason: "too-large"}
	}
	if *left -= int64(size); *left < 0 {
		return nil, &Error{Reason: "zip-bomb", Detail: strconv.QuoteToASCII(e.Name)}
	}
	r, err := e.Open()
	if err != nil {
		return nil, &Error{Reason: "zip-damaged", Detail: err.Error()}
	}
	// r gives an error in place of more bytes than size, or of a wrong checksum.
	data := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = data.ReadFrom(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, &Error{Reason: "zip-damaged", Detail: err.Error()}
	}
	return data.Bytes(), nil
}
