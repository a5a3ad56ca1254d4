package file

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

const (
	photoSide = 3200 // pixels of a picture's longer side
	thumbSide = 320

	maxName = 120 // characters
	maxTags = 20
	maxTag  = 40 // characters
)

// kept is a file as it will be kept.
type kept struct {
	File
	data, small []byte
}

// Add takes a file in for the person. What it is comes from its bytes; pictures
// are drawn anew. A file that the person has already is given back as it is, and
// known says so. Faults: Invalid for what is not taken in, and TooLarge for one file
// or past the quota.
func (s *Files) Add(ctx context.Context, person int64, name string, data []byte) (f File, known bool, err error) {
	if limit := s.Rules.MaxMB; len(data) > limit<<20 {
		return File{}, false, fault.New(fault.TooLarge, "file.error.large").With("max", strconv.Itoa(limit))
	}
	k, err := prepare(ctx, name, data)
	if err != nil {
		return File{}, false, err
	}
	k.Person = person
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		f, known, err = s.keep(ctx, tx, k)
		return err
	})
	return f, known, err
}

// prepare reads a file and draws what is a picture.
func prepare(ctx context.Context, name string, data []byte) (kept, error) {
	kind, err := Sniff(data)
	if err != nil {
		return kept{}, err
	}
	k := kept{data: data}
	if kind.IsImage() {
		if err := k.draw(ctx, data); err != nil {
			return kept{}, err
		}
		kind = kindOf(k.Type)
	}
	k.Type, k.Name, k.Size = kind.Type, fitName(name, kind), int64(len(k.data))
	k.Blob = blob.Hash(k.data)
	if k.small != nil {
		k.Thumbnail = blob.Hash(k.small)
	}
	return k, nil
}

func (k *kept) draw(ctx context.Context, data []byte) error {
	p, err := art.Photo(ctx, data, photoSide)
	if err != nil {
		return refusal(ctx, err)
	}
	if k.small, err = art.Thumbnail(ctx, p.Data, thumbSide); err != nil {
		return refusal(ctx, err)
	}
	if len(p.Data) > blob.MaxBytes {
		return fault.New(fault.TooLarge, "file.error.large").With("max", strconv.Itoa(blob.MaxBytes>>20))
	}
	k.data, k.Type, k.Width, k.Height = p.Data, p.Type.MIME(), p.Width, p.Height
	return nil
}

// refusal says why a picture is not taken.
func refusal(ctx context.Context, err error) error {
	var bad *art.Error
	switch {
	case ctx.Err() != nil:
		return fault.New(fault.Unavailable, "error.busy").Wrap(err)
	case !errors.As(err, &bad):
		return err
	case bad.Reason == "image-too-large":
		return fault.New(fault.Invalid, "file.error.pixels").Wrap(err)
	}
	return fault.New(fault.Invalid, "file.error.picture").Wrap(err)
}

func (s *Files) keep(ctx context.Context, tx *db.Tx, k kept) (File, bool, error) {
	same, err := findSame(ctx, tx, k.Person, k.Blob)
	if err == nil || !errors.Is(err, db.ErrNotFound) {
		return same, err == nil, err
	}
	f := k.File
	f.ID, f.PublicID, f.CreatedAt = tx.NewID(), secret.ID(), tx.Now()
	if err := s.Blobs.PutAs(ctx, tx, f.Blob, k.data, f.Type); err != nil {
		return File{}, false, err
	}
	if k.small != nil {
		if err := s.Blobs.PutAs(ctx, tx, f.Thumbnail, k.small, "image/png"); err != nil {
			return File{}, false, err
		}
	}
	if err := insertFile(ctx, tx, f, searchOf(f)); err != nil {
		return File{}, false, err
	}
	u, err := usage(ctx, tx, f.Person)
	if err == nil && u.Used > s.quota() {
		err = fault.New(fault.TooLarge, "file.error.quota").With("max", strconv.Itoa(s.Rules.QuotaMB)).At("/files")
	}
	return f, false, err
}

// Change renames a file of the person's own and tags it. It returns a fault
// Invalid for a name or tag that cannot be.
func (s *Files) Change(ctx context.Context, person int64, publicID, name string, tags []string) error {
	clean, ok := text.CleanLine(name, maxName)
	if !ok || clean == "" {
		return fault.New(fault.Invalid, "file.error.name")
	}
	tags, err := parseTags(tags)
	if err != nil {
		return err
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		f, err := s.Mine(ctx, tx, person, publicID)
		if err != nil {
			return err
		}
		f.Name, f.Tags = fitName(clean, kindOf(f.Type)), tags
		return updateFile(ctx, tx, f, searchOf(f))
	})
}

// searchOf is what a search looks through.
func searchOf(f File) string { return db.Fold(f.Name + " " + strings.Join(f.Tags, " ")) }

// fitName gives a file the end of its kind, whatever it was called: nobody shall
// open it as something else.
func fitName(name string, k Kind) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || strings.ContainsRune(`/\<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	clean, ok := text.CleanLine(name, 10*maxName)
	if !ok {
		clean = ""
	}
	end := k.Ends[0]
	lower := strings.ToLower(clean)
	if i := slices.IndexFunc(k.Ends, func(e string) bool { return strings.HasSuffix(lower, e) }); i >= 0 {
		end = k.Ends[i]
		clean = clean[:len(clean)-len(end)]
	} else if i := strings.LastIndexByte(clean, '.'); i > 0 && hasKnownEnd(lower) {
		clean = clean[:i]
	}
	clean = strings.Trim(clean, ". ")
	if r := []rune(clean); len(r) > maxName-len(end) {
		clean = strings.TrimRight(string(r[:maxName-len(end)]), ". ")
	}
	if clean == "" {
		clean = "file"
	}
	return clean + end
}

// hasKnownEnd reports whether a name ends as some kind's names do.
func hasKnownEnd(lower string) bool {
	for _, k := range Kinds() {
		for _, e := range k.Ends {
			if strings.HasSuffix(lower, e) {
				return true
			}
		}
	}
	return false
}

// parseTags cleans tags: each once, in any case.
func parseTags(list []string) ([]string, error) {
	out, seen := []string{}, map[string]bool{}
	for _, t := range list {
		clean, ok := text.CleanLine(strings.TrimPrefix(strings.TrimSpace(t), "#"), maxTag)
		if !ok {
			return nil, fault.New(fault.Invalid, "file.error.tag")
		}
		if clean == "" || seen[db.Fold(clean)] {
			continue
		}
		seen[db.Fold(clean)] = true
		out = append(out, clean)
	}
	if len(out) > maxTags {
		return nil, fault.New(fault.Invalid, "file.error.tags")
	}
	return out, nil
}

// same finds a file of the person's with these very bytes: a picture that was
// drawn anew here comes back as it left.
func (s *Files) same(ctx context.Context, person int64, data []byte) (File, bool, error) {
	f, err := findSame(ctx, s.Base.Read(), person, blob.Hash(data))
	if errors.Is(err, db.ErrNotFound) {
		return File{}, false, nil
	}
	return f, err == nil, err
}
