package badge

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// maxBatch is how many badges one upload, archive or record may bring.
const maxBatch = 200

// Upload is what a person gives to be taken in: the first of File, Text and URL
// that is not empty counts.
type Upload struct {
	File     []byte
	Filename string
	More     []File // that were sent with File
	Text     string
	URL      string
}

// File is one of several files.
type File struct {
	Name string
	Data []byte
}

// Reading is what an upload holds, before anything is verified.
type Reading struct {
	Entries  []Entry
	Archive  bool   // a ZIP or several files: entries fail one by one
	Filename string // that it came with
	Source   string // address that it was fetched from, may be empty
}

// Entry is one file of an upload.
type Entry struct {
	Name  string     // in the archive or of the file, empty for a file by itself
	Found bake.Found // with File; Payload is nil where Err is set
	Title string     // the badge's own name, may be empty
	Err   error      // a fault that names the reason why this is no badge

	hash          string           // of Found.File, where Err is nil
	prepared      *verify.Prepared // may be used once
	issuer, image string           // as the credential names them, see settle
}

// Good counts the entries that may be badges.
func (r Reading) Good() int {
	n := 0
	for _, e := range r.Entries {
		if e.Err == nil {
			n++
		}
	}
	return n
}

// Read finds the badges in an upload and makes the checks that need no network.
// Nothing is stored. It returns a fault that names the reason when the upload
// cannot be read; a file in an archive that is no badge is an Entry with Err.
func (s *Badges) Read(ctx context.Context, u Upload) (Reading, error) {
	data, r, err := s.obtain(ctx, u)
	if err != nil {
		return Reading{}, err
	}
	list, err := bake.ExtractAll(data)
	if len(u.More) > 0 {
		list, err = extractSeveral(append([]File{{u.Filename, data}}, u.More...)), nil
	}
	if err != nil {
		return Reading{}, refusal(err)
	}
	if r.Archive = len(list) > 1 || list[0].Name != ""; len(list) > maxBatch {
		return Reading{}, fault.New(fault.Invalid, "badge.error.too_many_entries").With("max", strconv.Itoa(maxBatch))
	}
	for _, found := range list {
		e := entryOf(ctx, found)
		if e.Err != nil && !r.Archive {
			return Reading{}, e.Err
		}
		r.Entries = append(r.Entries, e)
	}
	return r, ctx.Err()
}

// extractSeveral finds the badges in files that came together. A file that is no
// badge is there with Err, as in an archive; archives among them are opened.
func extractSeveral(files []File) []bake.Found {
	var list []bake.Found
	for _, f := range files {
		found, err := bake.ExtractAll(f.Data)
		if err != nil {
			why, ok := errors.AsType[*bake.Error](err)
			if !ok {
				why = &bake.Error{Reason: "not-a-badge-file"}
			}
			list = append(list, bake.Found{Name: f.Name, Err: why})
			continue
		}
		for _, e := range found {
			if e.Name == "" {
				e.Name = f.Name
			}
			list = append(list, e)
		}
		if len(list) > maxBatch {
			break
		}
	}
	return list
}

func entryOf(ctx context.Context, found bake.Found) Entry {
	e := Entry{Name: clip(found.Name, 200), Found: found}
	if found.Err != nil {
		e.Err = refusal(found.Err)
		return e
	}
	p, c, err := verify.Prepare(ctx, found.Payload)
	if c != nil {
		e.Title, e.issuer, e.image = clip(c.Name, 300), c.Issuer.ID, c.Image
	}
	if err != nil {
		e.Err = refusal(err)
		return e
	}
	e.prepared = p
	e.hash = blob.Hash(found.File)
	return e
}

// obtain gives the bytes of an upload: the file, the text, or what its address answers.
func (s *Badges) obtain(ctx context.Context, u Upload) ([]byte, Reading, error) {
	text := strings.TrimSpace(u.Text)
	if len(u.File) == 0 && u.URL == "" && isAddress(text) {
		u.URL = text
	}
	switch {
	case len(u.File) > 0:
		return u.File, Reading{Filename: u.Filename}, nil
	case text != "" && u.URL == "":
		return []byte(text), Reading{}, nil
	case u.URL != "":
		return s.obtainURL(ctx, strings.TrimSpace(u.URL))
	}
	return nil, Reading{}, fault.New(fault.Invalid, "badge.error.nothing_given")
}

func isAddress(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsAny(s, " \n\r\t{")
}

func (s *Badges) obtainURL(ctx context.Context, address string) ([]byte, Reading, error) {
	u, err := url.Parse(address)
	if err != nil || !isAddress(address) || u.Host == "" {
		return nil, Reading{}, fault.New(fault.Invalid, "badge.error.bad_address")
	}
	data, err := s.find(ctx, address)
	return data, Reading{Source: address, Filename: path.Base(u.Path)}, err
}
