// Package mydata gives people power over what is held about them: it shows all
// of it, hands it out as one ZIP, takes such a ZIP in, and erases it.
//
// It owns the tables data_task, data_part and data_item (exports that are made
// and archives that come in) and erasure (receipts). Every table with rows about
// a person belongs to exactly one Owner, in the feature that writes it; this
// package asks each of them. A test holds the owners against the schema. Its own
// pages call it, and core at the start, to erase again what a backup brought back.
package mydata

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/web"
)

// Owner is a feature that holds rows about people.
type Owner interface {
	// OwnerName is the folder of its part of an export.
	OwnerName() string
	// OwnerTables are its tables with rows about a person.
	OwnerTables() []string
	// Export hands out all that it holds of a person, as JSON documents and files.
	Export(ctx context.Context, person int64, put func(name string, content []byte) error) error
	// Returns says of each document of the export as what it comes back from an archive,
	// or why it begins anew: none is left out.
	Returns() []archive.Return
	// Erase deletes all of it. It may run again after it was interrupted.
	Erase(ctx context.Context, tx *db.Tx, person int64) error
}

// Counter is an Owner that knows how much it holds without reading all of it.
type Counter interface {
	// Counts gives the entries of each document of the export, by its name.
	Counts(ctx context.Context, person int64) (map[string]int, error)
}

// Describer is an Owner that hands out its JSON documents without the files that
// they name.
type Describer interface {
	Describe(ctx context.Context, person int64, put func(name string, content []byte) error) error
}

// Gradual is an Owner that erases a part at a time, so that nobody else waits
// long for the one who writes. Erase follows when there is no more.
type Gradual interface {
	EraseSome(ctx context.Context, tx *db.Tx, person int64) (more bool, err error)
}

// Doors closes an account at once: sessions end, pages answer that it is gone.
// core/account answers.
type Doors interface {
	// About returns db.ErrNotFound for nobody.
	About(ctx context.Context, d db.DB, person int64) (account.About, error)
	// IsThere reports whether somebody has an account with this public id.
	IsThere(ctx context.Context, d db.DB, publicID string) (bool, error)
	// Close ends the sessions and hides the person, and leaves a tombstone. It is
	// harmless when that was done before.
	Close(ctx context.Context, tx *db.Tx, person int64) error
	// Farewell writes the last mail and gives what sends it; nil where there is none.
	Farewell(ctx context.Context, d db.DB, person int64, m account.FarewellMail) (send func(), err error)

	Tombstone(ctx context.Context, d db.DB, publicID string) (account.Tombstone, error)
	Tombstones(ctx context.Context, d db.DB) ([]account.Tombstone, error)
	AddTombstone(ctx context.Context, tx *db.Tx, t account.Tombstone) error
	// Risen gives people who are there although their account was removed.
	Risen(ctx context.Context, d db.DB) ([]int64, error)
}

// Letters writes mail to people. core/account answers: it adds the site.
type Letters interface {
	Mail(ctx context.Context, tx *db.Tx, m mail.Message) error
}

// Deps is what a Data needs.
type Deps struct {
	Base      *db.Base
	Bus       *event.Bus
	Queue     *jobs.Queue
	Keys      *secret.Keys
	Doors     Doors
	Letters   Letters
	Catalogue *i18n.Catalogue
	Site      func(ctx context.Context) (web.Site, error)
	URL       func(path string) string // absolute form of a local path
	Log       *slog.Logger

	// Tombstones is the file that knows which accounts were removed, kept apart
	// from backups.
	Tombstones string
}

// Data shows, exports, takes in and erases what owners hold.
type Data struct {
	base      *db.Base
	queue     *jobs.Queue
	keys      *secret.Keys
	doors     Doors
	letters   Letters
	catalogue *i18n.Catalogue
	site      func(ctx context.Context) (web.Site, error)
	url       func(path string) string
	owners    []Owner // from the top rank down: what refers goes before what it refers to
	log       *slog.Logger
	tombs     *tombs
}

// New makes the service and registers its jobs. owners come from the top rank down.
func New(deps Deps, owners ...Owner) *Data {
	d := &Data{
		base: deps.Base, queue: deps.Queue, keys: deps.Keys, doors: deps.Doors, letters: deps.Letters, catalogue: deps.Catalogue,
		site: deps.Site, url: deps.URL, log: deps.Log,
		tombs: &tombs{path: deps.Tombstones},
	}
	d.owners = append([]Owner{d}, owners...)
	event.On(deps.Bus, func(ctx context.Context, tx *db.Tx, e badge.Forgotten) error { return deleteTasksOf(ctx, tx, e.Person) })
	d.queue.HandleLong(jobErase, d.eraseJob)
	d.queue.HandleLong(jobExport, d.exportJob)
	d.queue.HandleLong(jobRead, d.readJob)
	d.queue.HandleLong(jobImport, d.importJob)
	d.queue.Every("mydata.sweep", 10*time.Minute, d.sweep)
	d.queue.Every("mydata.rebuild", 20*time.Minute, d.rebuild)
	return d
}

// Owners gives the owners, from the top rank down.
func (d *Data) Owners() []Owner { return d.owners }

// Document is one JSON document of what is held. A long list goes on in others
// whose names end in -2, -3 and so on.
type Document struct {
	Owner, Name string // Name is the path in the export, such as "badges/badges.json"
	Content     []byte
	Count       int // entries of a list, 1 for an object
}

var continued = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`-[0-9]+\.json$`) })

// Key names the document in the message catalogue.
func (d Document) Key() string {
	return strings.TrimSuffix(path.Base(continued().ReplaceAllString(d.Name, ".json")), ".json")
}

// isDocument tells documents from the files that people or issuers made.
func isDocument(name string) bool {
	return strings.HasSuffix(name, ".json") && strings.Count(name, "/") == 1
}

// documentsOf gives the JSON documents that one owner has about a person.
func (d *Data) documentsOf(ctx context.Context, o Owner, person int64) ([]Document, error) {
	var list []Document
	hand := o.Export
	if some, ok := o.(Describer); ok {
		hand = some.Describe
	}
	err := hand(ctx, person, func(name string, content []byte) error {
		if isDocument(name) {
			list = append(list, Document{Owner: o.OwnerName(), Name: name, Content: content, Count: entries(content)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read data of %s: %w", o.OwnerName(), err)
	}
	return list, nil
}

// Documents gives all JSON documents about a person.
func (d *Data) Documents(ctx context.Context, person int64) ([]Document, error) {
	var all []Document
	for _, o := range d.owners {
		list, err := d.documentsOf(ctx, o, person)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// Counts gives the names of all documents about a person, by owner, each with
// how many entries it has and without its content.
func (d *Data) Counts(ctx context.Context, person int64) ([]Document, error) {
	var all []Document
	for _, o := range d.owners {
		c, ok := o.(Counter)
		if !ok {
			list, err := d.documentsOf(ctx, o, person)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
			continue
		}
		counts, err := c.Counts(ctx, person)
		if err != nil {
			return nil, fmt.Errorf("count data of %s: %w", o.OwnerName(), err)
		}
		for name, n := range counts {
			all = append(all, Document{Owner: o.OwnerName(), Name: name, Count: n})
		}
	}
	return all, nil
}

// countOf gives the entries of one document.
func (d *Data) countOf(ctx context.Context, person int64, name string) (int, error) {
	list, err := d.Counts(ctx, person)
	if err != nil {
		return 0, err
	}
	for _, doc := range list {
		if doc.Name == name {
			return doc.Count, nil
		}
	}
	return 0, nil
}

func entries(content []byte) int {
	content = bytes.TrimSpace(content)
	if len(content) == 0 || content[0] != '[' {
		return 1
	}
	var list []json.RawMessage
	if json.Unmarshal(content, &list) != nil {
		return 0
	}
	return len(list)
}

// Document gives one document by its name; only its owner is asked.
func (d *Data) Document(ctx context.Context, person int64, name string) (Document, error) {
	for _, o := range d.owners {
		if !strings.HasPrefix(name, o.OwnerName()+"/") {
			continue
		}
		list, err := d.documentsOf(ctx, o, person)
		if err != nil {
			return Document{}, err
		}
		for _, doc := range list {
			if doc.Name == name {
				return doc, nil
			}
		}
	}
	return Document{}, fault.New(fault.NotFound, "mydata.error.no_document")
}

// OwnerName names this feature's part of a person's data.
func (d *Data) OwnerName() string { return "data" }

// OwnerTables are the tables with rows about a person.
func (d *Data) OwnerTables() []string {
	return []string{"data_task", "data_part", "data_item", "erasure"}
}

// Returns says what of this feature's part of an archive comes back.
func (d *Data) Returns() []archive.Return {
	return []archive.Return{{Document: "tasks", Anew: archive.Passing}}
}

type exportedTask struct {
	Kind    string    `json:"kind"`
	State   string    `json:"state"`
	Begun   time.Time `json:"begun"`
	Expires time.Time `json:"expires"`
	Size    int64     `json:"size"`
}

// Export hands out that there are exports and imports; not their bytes.
func (d *Data) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := listTasks(ctx, d.base.Read(), person)
	if err != nil {
		return err
	}
	out := []exportedTask{}
	for _, t := range list {
		out = append(out, exportedTask{t.Kind, t.State, t.CreatedAt, t.ExpiresAt, t.Size})
	}
	return archive.Put(put, "data/tasks.json", out)
}

// Erase deletes exports and imports with their bytes.
func (d *Data) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteTasksOf(ctx, tx, person)
}
