// Package mydata gives people power over what is held about them: it shows all
// of it, hands it out as one ZIP and erases it.
//
// It owns no tables. Every table with rows about a person belongs to exactly one
// Owner, in the feature that writes it; this package asks each of them. A test
// holds the owners against the schema. Its own pages call it.
package mydata

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
)

// Owner is a feature that holds rows about people.
type Owner interface {
	// OwnerName is the folder of its part of an export.
	OwnerName() string
	// OwnerTables are its tables with rows about a person.
	OwnerTables() []string
	// Export hands out all that it holds of a person, as JSON documents and files.
	Export(ctx context.Context, person int64, put func(name string, content []byte) error) error
	// Erase deletes all of it. It may run again after it was interrupted.
	Erase(ctx context.Context, tx *db.Tx, person int64) error
}

// Doors closes an account at once: sessions end, pages answer that it is gone.
type Doors interface {
	// Farewell writes the last mail and gives what sends it; nil where there is none.
	Farewell(ctx context.Context, d db.DB, person int64) (send func(), err error)
	// Close ends the sessions and hides the person.
	Close(ctx context.Context, tx *db.Tx, person int64) error
}

const (
	jobErase = "mydata.erase"
	soon     = time.Minute // when the job takes over; longer than any request takes
	passes   = 3           // over the owners, before it is left to the job
)

type erasePayload struct {
	Person int64 `json:"person"`
}

// Data shows, exports and erases what owners hold.
type Data struct {
	base   *db.Base
	queue  *jobs.Queue
	doors  Doors
	owners []Owner // from the top rank down: what refers goes before what it refers to
	log    *slog.Logger
}

// New makes the service and registers the job that ends an interrupted erasure.
func New(base *db.Base, queue *jobs.Queue, doors Doors, log *slog.Logger, owners ...Owner) *Data {
	d := &Data{base: base, queue: queue, doors: doors, owners: owners, log: log}
	queue.Handle(jobErase, d.eraseJob)
	return d
}

// Owners gives the owners, from the top rank down.
func (d *Data) Owners() []Owner { return d.owners }

// Document is one JSON document of what is held.
type Document struct {
	Owner, Name string // Name is the path in the export, such as "badges/badges.json"
	Content     []byte
	Count       int // entries of a list, 1 for an object
}

// Key names the document in the message catalogue.
func (d Document) Key() string { return strings.TrimSuffix(path.Base(d.Name), ".json") }

// Documents gives all JSON documents about a person.
func (d *Data) Documents(ctx context.Context, person int64) ([]Document, error) {
	var list []Document
	for _, o := range d.owners {
		err := o.Export(ctx, person, func(name string, content []byte) error {
			if strings.HasSuffix(name, ".json") && !strings.Contains(name, "/received/") {
				list = append(list, Document{Owner: o.OwnerName(), Name: name, Content: content, Count: entries(content)})
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read data of %s: %w", o.OwnerName(), err)
		}
	}
	return list, nil
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

// Document gives one document by its name.
func (d *Data) Document(ctx context.Context, person int64, name string) (Document, error) {
	list, err := d.Documents(ctx, person)
	if err != nil {
		return Document{}, err
	}
	for _, doc := range list {
		if doc.Name == name {
			return doc, nil
		}
	}
	return Document{}, fault.New(fault.NotFound, "mydata.error.no_document")
}

// Remove erases a person. The doors close and the erasure is on record in one
// transaction: after that it ends even if this process does not, and an error of
// the rest is the job's to try again.
func (d *Data) Remove(ctx context.Context, person int64) error {
	farewell, err := d.doors.Farewell(ctx, d.base.Read(), person)
	if err != nil {
		return fmt.Errorf("write the last mail: %w", err)
	}
	err = d.base.Tx(ctx, func(tx *db.Tx) error {
		if err := d.doors.Close(ctx, tx, person); err != nil {
			return err
		}
		return d.queue.Add(ctx, tx, jobErase, erasePayload{person}, jobs.Options{
			Key: eraseKey(person), At: tx.Now().Add(soon),
		})
	})
	if err != nil {
		return fmt.Errorf("close the account: %w", err)
	}
	if farewell != nil {
		farewell()
	}
	if err := d.erase(ctx, person); err != nil {
		d.log.Error("erasing goes on in the background", "error", err)
		return nil
	}
	return d.base.Tx(ctx, func(tx *db.Tx) error { return d.queue.Drop(ctx, tx, eraseKey(person)) })
}

func eraseKey(person int64) string { return fmt.Sprint(jobErase, ".", person) }

func (d *Data) eraseJob(ctx context.Context, payload []byte) error {
	var p erasePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read erase job: %w", err))
	}
	return d.erase(ctx, p.Person)
}

// erase lets each owner delete its part, one transaction each, and then removes
// what deleted rows left in the files. Running it again is harmless.
//
// Requests of the person that are still at work may write what a later owner
// trips over: then all owners have another turn.
func (d *Data) erase(ctx context.Context, person int64) error {
	err := d.eraseOnce(ctx, person)
	for pass := 1; err != nil && pass < passes; pass++ {
		err = d.eraseOnce(ctx, person)
	}
	if err != nil {
		return err
	}
	if err := d.base.Scrub(ctx); err != nil {
		return fmt.Errorf("erase from the files: %w", err)
	}
	d.log.Info("account erased")
	return nil
}

func (d *Data) eraseOnce(ctx context.Context, person int64) error {
	for _, o := range d.owners {
		if err := d.base.Tx(ctx, func(tx *db.Tx) error { return o.Erase(ctx, tx, person) }); err != nil {
			return fmt.Errorf("erase %s: %w", o.OwnerName(), err)
		}
	}
	return nil
}
