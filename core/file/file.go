// Package file keeps the files of people: pictures and documents that stand
// beside badges, on pages and as evidence.
//
// It owns the tables file and file_tag and publishes Removed. What a file is comes
// from its bytes alone (Read); pictures are drawn anew, so that where they were
// taken stays with who took them. A file is its owner's. Somebody else sees it
// through a thing that carries it and that they may see: the feature of that thing
// is a Carrier and answers by its own predicate. No address of a file is a secret,
// and none shows it to anybody else.
//
// Callers: core/page and core/endorse carry files, core/mydata exports them.
package file

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
)

// File is one file of a person's.
type File struct {
	ID            int64
	PublicID      string
	Person        int64
	Name          string // ends as its type does
	Type          string // media type, by its bytes
	Size          int64  // bytes
	Blob          string // hash
	Thumbnail     string // hash of a small PNG of a picture, or ""
	Width, Height int    // pixels of a picture, or 0
	Tags          []string
	CreatedAt     time.Time
}

// IsImage reports whether the file is a picture that pages can show.
func (f File) IsImage() bool { return f.Thumbnail != "" }

// Use is a thing that carries a file, as its owner knows it.
type Use struct {
	Title string
	URL   string // local
}

// Carrier is a feature whose things carry files, such as pages and evidence.
type Carrier interface {
	// ShowsFile reports whether the viewer (0: nobody signed in) may see, by the
	// predicate of the feature, one of the things that carry the file.
	ShowsFile(ctx context.Context, d db.DB, viewer, file int64) (bool, error)
	// FileUses lists the things of the file's owner that carry it.
	FileUses(ctx context.Context, d db.DB, file int64) ([]Use, error)
}

// Removed is published before a file is deleted, in the same transaction: who
// carries it lets go of it now.
type Removed struct{ File, Person int64 }

// Deps is what a Files needs.
type Deps struct {
	Base  *db.Base
	Blobs blob.Store
	Bus   *event.Bus
	Rules config.Files
}

// Files keeps, shows and removes files.
type Files struct {
	Deps
	carriers []Carrier
}

// New makes the service.
func New(d Deps) *Files { return &Files{Deps: d} }

// CarriedBy adds a feature whose things carry files. Call it before requests come.
func (s *Files) CarriedBy(c Carrier) { s.carriers = append(s.carriers, c) }

func errNotFound() error { return fault.New(fault.NotFound, "file.error.not_found") }

// Query selects from a person's files.
type Query struct {
	Text   string // that name or tags contain, in any case and accents
	Tag    string // folded, "" is any
	Images bool   // pictures alone
	Before int64  // keyset: files older than this id, 0 for the newest
	Limit  int
}

// List gives files of the person, the newest first.
func (s *Files) List(ctx context.Context, person int64, q Query) ([]File, error) {
	return listMine(ctx, s.Base.Read(), person, q)
}

// Usage is how much of the quota a person's files take, in bytes.
type Usage struct {
	Files       int
	Used, Quota int64
}

// Usage adds up what the person's files take.
func (s *Files) Usage(ctx context.Context, person int64) (Usage, error) {
	u, err := usage(ctx, s.Base.Read(), person)
	u.Quota = s.quota()
	return u, err
}

// quota is how many bytes the files of one person may take.
func (s *Files) quota() int64 { return int64(s.Rules.QuotaMB) * 1_000_000 }

// Mine gives a file of the person's own. It returns a fault NotFound for any other.
func (s *Files) Mine(ctx context.Context, d db.DB, person int64, publicID string) (File, error) {
	f, err := getFile(ctx, d, publicID)
	if err != nil {
		return File{}, err
	}
	if f.Person != person {
		return File{}, errNotFound()
	}
	return f, nil
}

// ForViewer gives a file that the viewer may see: their own, or one that something
// they may see carries. The fault is the same as for a file that is not there.
func (s *Files) ForViewer(ctx context.Context, viewer int64, publicID string) (File, error) {
	f, err := getFile(ctx, s.Base.Read(), publicID)
	if err != nil || f.Person == viewer {
		return f, err
	}
	for _, c := range s.carriers {
		shown, err := c.ShowsFile(ctx, s.Base.Read(), viewer, f.ID)
		if err != nil {
			return File{}, err
		}
		if shown {
			return f, nil
		}
	}
	return File{}, errNotFound()
}

// ByID gives a file whoever asks: for a Carrier that has looked at its own
// predicate. It returns db.ErrNotFound.
func (s *Files) ByID(ctx context.Context, d db.DB, id int64) (File, error) {
	return byID(ctx, d, id)
}

// Bytes gives the content of a file that the caller may hand out.
func (s *Files) Bytes(ctx context.Context, f File) ([]byte, error) {
	data, _, err := s.Blobs.Get(ctx, s.Base.Read(), f.Blob)
	return data, err
}

// Uses lists what carries a file.
func (s *Files) Uses(ctx context.Context, d db.DB, f File) ([]Use, error) {
	var all []Use
	for _, c := range s.carriers {
		list, err := c.FileUses(ctx, d, f.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// Remove deletes a file of the person's own with its bytes, and takes it out of
// all that carries it.
func (s *Files) Remove(ctx context.Context, person int64, publicID string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		f, err := s.Mine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		return s.remove(ctx, tx, f)
	})
}

func (s *Files) remove(ctx context.Context, tx *db.Tx, f File) error {
	if err := event.Publish(ctx, tx, s.Bus, Removed{File: f.ID, Person: f.Person}); err != nil {
		return err
	}
	if err := deleteFile(ctx, tx, f.ID); err != nil {
		return err
	}
	return s.Blobs.Drop(ctx, tx, f.Blob, f.Thumbnail)
}
