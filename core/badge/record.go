package badge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// recordFault is the check that decides that nothing of a record is taken in: its
// own signature, issuer, form or recipient failed. A badge in it that is not
// valid is refused for itself and does not spoil the others (CLR2 §3.3).
func recordFault(checks []verify.Step) verify.Step {
	own := make([]verify.Step, 0, len(checks))
	for _, c := range checks {
		if c.Name != verify.CheckCredentials {
			own = append(own, c)
		}
	}
	return failedStep(own)
}

// unpacking turns the import of a CLR into imports of the badges in it, each to be
// verified for itself: a badge must stand without the record, so one that has no
// proof of its own is refused, also when the record's issuer made it (CLR2 §B.1,
// "verifiableCredential"). The bytes of the record are kept once, as received.
func (s *Badges) unpacking(ctx context.Context, im Import, r received) ending {
	entries, err := Contained(ctx, r.found.Payload)
	switch {
	case err != nil:
		return s.refusing(im, refusalOf(err))
	case len(entries) == 0:
		return s.refusing(im, verify.Step{Name: verify.CheckCredentials, Reason: "record-empty"})
	case len(entries) > maxBatch:
		return s.refusing(im, verify.Step{Name: verify.CheckCredentials, Reason: "record-large", Detail: strconv.Itoa(maxBatch)})
	}
	return func(ctx context.Context, tx *db.Tx, _ *memo) error { return s.unpack(ctx, tx, im, r, entries) }
}

// unpack begins an import for each badge of a record.
func (s *Badges) unpack(ctx context.Context, tx *db.Tx, im Import, r received, entries []Entry) error {
	im.State = StateUnpacked
	if first, err := s.end(ctx, tx, im); err != nil || !first {
		return err
	}
	id, err := s.keepRecord(ctx, tx, im, r)
	if err != nil {
		return err
	}
	batch := im.Batch
	if batch == "" {
		batch = im.PublicID
	}
	for _, e := range entries {
		child := importOf(im.Person, Reading{Source: im.Source}, e, batch)
		child.Record = id
		if err := s.queueImport(ctx, tx, &child, e); err != nil {
			return err
		}
	}
	return s.dropLoneRecord(ctx, tx, id) // every badge in it was refused at once
}

func (s *Badges) keepRecord(ctx context.Context, tx *db.Tx, im Import, r received) (int64, error) {
	c := r.report.Credential
	rec := record{
		id: tx.NewID(), person: im.Person, received: im.Received, carrier: string(r.found.Carrier), filename: im.Filename,
		title: clip(c.Name, 300), issuer: named(c.Issuer).Name, verdict: r.report.Verdict,
		report: StoredReport{Checks: r.report.Checks, Documents: r.report.Documents}, verifiedAt: r.report.At, createdAt: tx.Now(),
	}
	return rec.id, insertRecord(ctx, tx, rec)
}

// queueImport writes an import and, unless it is refused already, keeps its bytes
// and queues the job that ends it.
func (s *Badges) queueImport(ctx context.Context, tx *db.Tx, im *Import, e Entry) error {
	im.ID, im.PublicID, im.CreatedAt = tx.NewID(), secret.ID(), tx.Now()
	if im.State != StateRunning {
		return insertImport(ctx, tx, *im)
	}
	im.Received = e.hash
	if err := s.Blobs.PutAs(ctx, tx, e.hash, e.Found.File, mimeOf(e.Found.Carrier)); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	if err := insertImport(ctx, tx, *im); err != nil {
		return err
	}
	id, w := im.ID, waiter{found: e.Found, prepared: e.prepared, since: time.Now()}
	tx.After(func() { s.waiting.put(id, w) })
	return s.Queue.Add(ctx, tx, jobImport, importPayload{im.ID}, jobs.Options{})
}

// dropLoneRecord forgets a record whose badges are all gone.
func (s *Badges) dropLoneRecord(ctx context.Context, tx *db.Tx, id int64) error {
	if id == 0 {
		return nil
	}
	received, err := deleteLoneRecord(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.Blobs.Drop(ctx, tx, received)
}

// recordFile gives the bytes of the record that a badge of the person's own came
// in. Nobody else gets them: they hold the person's other badges too.
func (s *Badges) recordFile(ctx context.Context, person int64, b Badge) (data []byte, mime, name string, err error) {
	r, err := getRecordOf(ctx, s.Base.Read(), person, b.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil, "", "", fault.New(fault.NotFound, "badge.error.no_record")
	}
	if err != nil {
		return nil, "", "", err
	}
	data, mime, err = s.Blobs.Get(ctx, s.Base.Read(), r.received)
	name = r.filename
	if name == "" || !strings.HasSuffix(strings.ToLower(name), extension(r.carrier)) {
		name = slug(r.title) + extension(r.carrier)
	}
	return data, mime, name, err
}
