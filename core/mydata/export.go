package mydata

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

const (
	jobExport = "mydata.export"

	// FormatVersion is the version of the export that this program writes. It
	// reads this one and no other.
	FormatVersion = 2

	exportKeep   = 24 * time.Hour     // from when it is ready
	taskKeep     = 48 * time.Hour     // from when it is asked for
	exportBudget = 4 * time.Minute    // then another job goes on; less than jobs.MaxRun
	received     = "badges/received/" // a file below it is a badge
)

// errPause ends a run that has used up its time. Another goes on.
var errPause = errors.New("out of time")

type taskPayload struct {
	Task int64 `json:"task"`
}

// BeginExport has a job make the ZIP of all that is held about a person. A
// finished one makes place; one that is under way is given back.
func (d *Data) BeginExport(ctx context.Context, person int64) (Task, error) {
	last, err := d.Newest(ctx, person, KindExport)
	if err != nil || last.Busy() {
		return last, err
	}
	if last.ID != 0 {
		if err := d.forget(ctx, last.ID); err != nil {
			return last, err
		}
	}
	total, err := d.countOf(ctx, person, "badges/badges.json")
	if err != nil {
		return last, err
	}
	var t Task
	err = d.base.Tx(ctx, func(tx *db.Tx) error {
		now, err := newestTask(ctx, tx, person, KindExport)
		if err == nil {
			t = now // another request was first
			return nil
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		t = Task{
			ID: tx.NewID(), PublicID: secret.ID(), Person: person, Kind: KindExport, State: StateWaiting, Total: total + 1,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(taskKeep),
		}
		if err := insertTask(ctx, tx, t); err != nil {
			return err
		}
		return d.queue.Add(ctx, tx, jobExport, taskPayload{t.ID}, jobs.Options{Person: person})
	})
	return t, err
}

// exportJob makes an export, or the rest of one that was begun.
func (d *Data) exportJob(ctx context.Context, payload []byte) error {
	t, err := d.taskFor(ctx, payload)
	if err != nil || t.State != StateWaiting && t.State != StateRunning {
		return ignoreGone(err)
	}
	w, err := d.resume(ctx, t)
	if err != nil {
		return err
	}
	err = d.writeExport(ctx, w)
	if errors.Is(err, errPause) {
		return ignoreGone(d.base.Tx(ctx, func(tx *db.Tx) error {
			if err := w.flush(ctx, tx); err != nil {
				return err
			}
			return d.queue.Add(ctx, tx, jobExport, taskPayload{t.ID}, jobs.Options{Person: t.Person})
		}))
	}
	return d.stumble(ctx, t.ID, err)
}

// taskFor reads the task of a job. It returns db.ErrNotFound when it is gone.
func (d *Data) taskFor(ctx context.Context, payload []byte) (Task, error) {
	var p taskPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return Task{}, jobs.Permanent(fmt.Errorf("read job: %w", err))
	}
	return getTask(ctx, d.base.Read(), p.Task)
}

func ignoreGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil // the person took it back, or left
	}
	return err
}

// writer puts files into the pieces of a task.
type writer struct {
	data   *Data
	task   Task
	pack   packer
	number int64         // of the piece that is filled
	fresh  []packedEntry // in it
	all    []packedEntry // in the pieces that are kept, in their order
	have   map[string]bool
	until  time.Time
}

// resume begins where the last run ended: at the first file that is not kept.
func (d *Data) resume(ctx context.Context, t Task) (*writer, error) {
	w := &writer{data: d, task: t, have: map[string]bool{}, until: time.Now().Add(exportBudget)}
	w.pack = packer{out: &bytes.Buffer{}, at: t.CreatedAt}
	list, err := listParts(ctx, d.base.Read(), t.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		entries, err := openEntries(d.keys, t.ID, p)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			w.have[e.Name] = true
		}
		w.all = append(w.all, entries...)
		w.number, w.pack.offset = p.number+1, uint64(p.start+p.size) //nolint:gosec // sizes
	}
	w.task.State, w.task.Done = StateRunning, w.badges()
	return w, nil
}

func (w *writer) badges() int {
	n := 0
	for _, e := range w.all {
		if strings.HasPrefix(e.Name, received) {
			n++
		}
	}
	return n
}

// put adds a file, once.
func (w *writer) put(ctx context.Context, name string, content []byte) error {
	if w.have[name] {
		return nil
	}
	if time.Now().After(w.until) {
		return errPause
	}
	e, err := w.pack.add(name, content)
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	w.have[name] = true
	w.fresh = append(w.fresh, e)
	if strings.HasPrefix(name, received) {
		w.task.Done++
	}
	if w.pack.out.Len() < partSize {
		return nil
	}
	return w.data.base.Tx(ctx, func(tx *db.Tx) error { return w.flush(ctx, tx) })
}

// flush keeps the piece that is being filled, and how far the work is. On
// PostgreSQL it may run more than once for one piece.
func (w *writer) flush(ctx context.Context, tx *db.Tx) error {
	if err := updateTask(ctx, tx, w.task); err != nil {
		return err
	}
	if w.pack.out.Len() == 0 {
		return nil
	}
	p, err := sealPart(w.data.keys, w.task.ID, part{number: w.number, start: int64(w.pack.offset)}, w.pack.out.Bytes(), w.fresh) //nolint:gosec // sizes
	if err != nil {
		return err
	}
	if err := insertPart(ctx, tx, w.task.ID, p); err != nil {
		return err
	}
	tx.After(func() {
		w.number++
		w.all = append(w.all, w.fresh...)
		w.pack.offset += uint64(w.pack.out.Len()) //nolint:gosec // sizes
		w.pack.out.Reset()
		w.fresh = nil
	})
	return nil
}

// writeExport writes what each owner hands out, the pages to read it with, and
// the checksums of all of it.
func (d *Data) writeExport(ctx context.Context, w *writer) error {
	about, err := d.doors.About(ctx, d.base.Read(), w.task.Person)
	if err != nil {
		return err
	}
	site, err := d.site(ctx)
	if err != nil {
		return err
	}
	pages := d.newBook(about, site, w.task.CreatedAt)
	put := func(name string, content []byte) error {
		if err := w.put(ctx, name, content); err != nil {
			return err
		}
		return pages.read(name, content, func(name string, content []byte) error { return w.put(ctx, name, content) })
	}
	for _, o := range d.owners {
		if o == Owner(d) {
			continue // the export itself
		}
		if err := o.Export(ctx, w.task.Person, put); err != nil {
			return fmt.Errorf("export %s: %w", o.OwnerName(), err)
		}
	}
	if err := pages.finish(func(name string, content []byte) error { return w.put(ctx, name, content) }); err != nil {
		return err
	}
	return d.finishExport(ctx, w, manifest{
		Format: "osier-export", Version: FormatVersion, Made: w.task.CreatedAt, Site: site.Name, SiteURL: d.url("/"), Person: about.Handle, PersonID: about.PublicID,
		Software: "Osier", Files: len(w.all) + len(w.fresh),
	})
}

// manifest describes an export. The format is documented in docs/export.md.
type manifest struct {
	Format   string    `json:"format"`
	Version  int       `json:"version"`
	Software string    `json:"software"`
	Made     time.Time `json:"made"`
	Site     string    `json:"site"`
	SiteURL  string    `json:"siteUrl"`
	Person   string    `json:"person"`
	PersonID string    `json:"personId"`
	Files    int       `json:"files"` // but this one and SHA256SUMS
	Seal     string    `json:"seal"`  // by which the passport knows its own archives
}

const (
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
)

func (d *Data) finishExport(ctx context.Context, w *writer, m manifest) error {
	m.Seal = d.keys.MAC(purposeSeal, sealed(m.SiteURL, m.PersonID, checksums(append(append([]packedEntry{}, w.all...), w.fresh...))))
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := w.put(ctx, manifestName, append(text, '\n')); err != nil {
		return err
	}
	if err := w.put(ctx, sumsName, checksums(append(append([]packedEntry{}, w.all...), w.fresh...))); err != nil {
		return err
	}
	w.pack.finish(append(append([]packedEntry{}, w.all...), w.fresh...))
	w.task.State, w.task.Done, w.task.Size = StateReady, w.task.Total, int64(w.pack.offset)+int64(w.pack.out.Len()) //nolint:gosec // sizes
	return d.base.Tx(ctx, func(tx *db.Tx) error {
		link := secret.Token()
		w.task.LinkHash = linkHash(link)
		w.task.ExpiresAt = tx.Now().Add(exportKeep)
		if err := w.flush(ctx, tx); err != nil {
			return err
		}
		return d.tellReady(ctx, tx, w.task, link)
	})
}

const purposeSeal = "mydata/archive"

// sealed is what the seal of an archive covers: where it was made, of whom, and the
// checksums of all files but the manifest.
func sealed(siteURL, person string, sums []byte) []byte {
	return append([]byte(siteURL+"\n"+person+"\n"), sums...)
}

// isOurs reports whether this passport made an archive, of somebody who is not
// here any more or of who brings it back.
func (d *Data) isOurs(ctx context.Context, person int64, a *archive.Archive) (bool, error) {
	m := a.Manifest
	if m.SiteURL != d.url("/") || !d.keys.CheckMAC(purposeSeal, sealed(m.SiteURL, m.PersonID, a.Sums()), m.Seal) {
		return false, nil
	}
	about, err := d.doors.About(ctx, d.base.Read(), person)
	if err != nil || about.PublicID == m.PersonID {
		return err == nil, err
	}
	there, err := d.doors.IsThere(ctx, d.base.Read(), m.PersonID)
	return !there, err
}

func linkHash(link string) string { return hex.EncodeToString(secret.Hash(link)) }

// ReadyLetter is the data of the mail "export": the ZIP can be fetched.
type ReadyLetter struct {
	Name, URL string
	Until     time.Time
}

func (d *Data) tellReady(ctx context.Context, tx *db.Tx, t Task, link string) error {
	about, err := d.doors.About(ctx, tx, t.Person)
	if err != nil || about.Address == "" {
		return err
	}
	return d.letters.Mail(ctx, tx, mail.Message{
		To: about.Address, Lang: about.Language, Template: "export", Person: t.Person,
		Data: ReadyLetter{about.Name, d.url("/settings/data?export=" + t.PublicID + "&key=" + url.QueryEscape(link)), t.ExpiresAt},
	})
}

// Fetch gives the bytes of an export that is ready. link is the secret of the
// mail, used up by it; "" when the person has just proven who they are. It returns
// a fault NotFound when there is none, Gone when the link was used or is too old.
func (d *Data) Fetch(ctx context.Context, person int64, publicID, link string) (Task, *pieces, error) {
	t, err := d.taskOf(ctx, d.base.Read(), person, publicID)
	if err != nil {
		return t, nil, err
	}
	if t.Kind != KindExport || t.State != StateReady || !d.base.Now().Before(t.ExpiresAt) {
		return t, nil, fault.New(fault.NotFound, "mydata.error.no_task")
	}
	if link != "" {
		var used bool
		err := d.base.Tx(ctx, func(tx *db.Tx) (err error) {
			used, err = takeLink(ctx, tx, t.ID, linkHash(link))
			return err
		})
		if err != nil {
			return t, nil, err
		}
		if !used {
			return t, nil, fault.New(fault.Gone, "mydata.error.link_used")
		}
	}
	p, err := d.open(ctx, t.ID)
	return t, p, err
}
