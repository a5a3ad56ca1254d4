package file

import (
	"context"
	"encoding/json"
	"path"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// kindFile is the kind of items that this feature finds in an archive.
const kindFile = "file"

// all is the limit of a list that has none.
const all = 1 << 30

// OwnerName names this feature's part of a person's data.
func (s *Files) OwnerName() string { return "files" }

// OwnerTables are the tables with rows about a person.
func (s *Files) OwnerTables() []string { return []string{"file", "file_tag"} }

// Returns says what of this feature's part of an archive comes back.
func (s *Files) Returns() []archive.Return {
	return []archive.Return{{Document: "files", Kinds: []string{kindFile}}}
}

// exported is a file in the open format of the export.
type exported struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Size   int64     `json:"size"`
	Tags   []string  `json:"tags"`
	Added  time.Time `json:"added"`
	File   string    `json:"file"`
	Width  int       `json:"width,omitempty"`
	Height int       `json:"height,omitempty"`
}

// Export hands out files/files.json and each file.
func (s *Files) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	return s.export(ctx, person, put, true)
}

// Describe hands out files/files.json alone.
func (s *Files) Describe(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	return s.export(ctx, person, put, false)
}

// Counts gives how many files there are.
func (s *Files) Counts(ctx context.Context, person int64) (map[string]int, error) {
	u, err := usage(ctx, s.Base.Read(), person)
	return map[string]int{"files/files.json": u.Files}, err
}

func (s *Files) export(ctx context.Context, person int64, put func(name string, content []byte) error, bytes bool) error {
	list, err := listMine(ctx, s.Base.Read(), person, Query{Limit: all})
	if err != nil {
		return err
	}
	out := make([]exported, 0, len(list))
	for _, f := range list {
		e := exported{
			ID: f.PublicID, Name: f.Name, Type: f.Type, Size: f.Size, Tags: append([]string{}, f.Tags...), Added: f.CreatedAt,
			File: "files/kept/" + f.PublicID + path.Ext(f.Name), Width: f.Width, Height: f.Height,
		}
		out = append(out, e)
		if !bytes {
			continue
		}
		data, err := s.Bytes(ctx, f)
		if err == nil {
			err = put(e.File, data)
		}
		if err != nil {
			return err
		}
	}
	return archive.Put(put, "files/files.json", out)
}

// Erase deletes the person's files with their bytes.
func (s *Files) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	list, err := listMine(ctx, tx, person, Query{Limit: all})
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := s.remove(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}

// Merge gives the files of one person to another account of theirs.
func (s *Files) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	return moveFiles(ctx, tx, from, into)
}

// brought is what an archive says of a file.
type brought struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

// Plan tells which files of an archive can be taken in. What they are comes from
// their bytes again.
func (s *Files) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exported
	if err := a.JSON("files/files.json", &list); err != nil {
		return err
	}
	for _, e := range list {
		item := archive.Item{Kind: kindFile, Title: e.Name[:min(len(e.Name), 200)], Source: e.File, State: archive.Add}
		if !strings.HasPrefix(e.File, "files/kept/") || !a.Has(e.File) {
			item.State, item.Reason = archive.Refused, "mydata.zip.file_missing"
		} else if err := s.planOne(ctx, person, a, &item); err != nil {
			return err
		}
		if err := archive.AddWith(add, item, brought{e.Name, e.Tags}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Files) planOne(ctx context.Context, person int64, a *archive.Archive, item *archive.Item) error {
	data, err := a.Read(item.Source)
	if err != nil {
		return err
	}
	if _, err := Sniff(data); err != nil {
		item.State, item.Reason = archive.Refused, reasonOf(err)
		return nil // it is the item's, not ours
	}
	_, known, err := s.same(ctx, person, data)
	if known {
		item.State = archive.Known
	}
	return err
}

func reasonOf(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return "file.error.type"
}

// Take takes one file of an archive in. Taking it again finds it known.
func (s *Files) Take(ctx context.Context, person int64, a *archive.Archive, item archive.Item) (archive.Item, error) {
	var in brought
	if err := json.Unmarshal(item.Data, &in); err != nil {
		return item, err
	}
	data, err := a.Read(item.Source)
	if err != nil {
		return item, err
	}
	f, known, err := s.same(ctx, person, data)
	if err == nil && !known {
		f, known, err = s.Add(ctx, person, in.Name, data)
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) {
		item.State, item.Reason = archive.Refused, reasonOf(err)
		return item, nil // it is the item's, not ours
	}
	if err != nil {
		return item, err
	}
	if item.State = archive.Known; known {
		return item, nil
	}
	item.State = archive.Done
	if tags, err := parseTags(in.Tags); err == nil && len(tags) > 0 { // tags that cannot be are left out
		return item, s.Change(ctx, person, f.PublicID, f.Name, tags)
	}
	return item, nil
}
