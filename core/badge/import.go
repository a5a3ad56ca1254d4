package badge

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// The states of an import.
const (
	StateRunning   = "running"
	StateDone      = "done"      // Import.Badge is the new badge
	StateDuplicate = "duplicate" // Import.Badge is the badge held already
	StateRefused   = "refused"   // Import.Reason says why
	StateCancelled = "cancelled" // its person stopped the batch that it was in
	StateUnpacked  = "unpacked"  // a CLR: its badges are imports of the batch PublicID
)

const (
	jobImport   = "badge.import"
	importLimit = 200 // under way for one person at once
	importKeep  = 24 * time.Hour
)

// Import is a badge on its way in.
type Import struct {
	ID        int64
	PublicID  string
	Person    int64
	State     string
	Received  string // blob hash
	Filename  string
	Source    string // address that it was fetched from, may be empty
	Title     string
	Checks    []verify.Step
	Reason    string
	Detail    string
	Badge     string // public id
	Batch     string // public id of the upload of several that this one belongs to
	Record    int64  // the CLR that it was in, 0: none
	Unclaimed bool   // it is kept without its address
	Waited    bool   // for its address, which was confirmed meanwhile
	CreatedAt time.Time

	wish *wish  // of an archive that is brought back; nil for others
	text string // of Checks as they are stored, "" where it is not made yet
}

// Begin reads an upload and begins to take it in; see Read and BeginRead.
func (s *Badges) Begin(ctx context.Context, person int64, u Upload) (Import, error) {
	r, err := s.Read(ctx, u)
	if err != nil {
		return Import{}, err
	}
	return s.BeginRead(ctx, person, r)
}

// BeginRead begins to take in what was read. It returns a fault when nothing of
// it is a badge, or the person has too many under way; nothing is stored then.
// Otherwise all of it is durable, written in one transaction: badges that could be
// verified at once are there, and jobs end the other imports, also after a crash. For an archive the import given back has Batch
// alone, which BatchByID lists.
func (s *Badges) BeginRead(ctx context.Context, person int64, r Reading) (Import, error) {
	if r.Good() == 0 {
		return Import{}, fault.New(fault.Invalid, "badge.error.no_badge_inside")
	}
	u := &upload{person: person, reading: r, done: s.settle(ctx, person, r)}
	if r.Archive {
		u.batch = secret.ID()
	}
	err := s.desk.enter(ctx, s, u)
	if err != nil && u.done != nil {
		s.Log.Warn("badges are left to workers", "error", err)
		u.done = nil // each is written by itself there, so that none spoils another
		err = s.writeUploads(ctx, []*upload{u})
	}
	if err == nil && r.Archive {
		return Import{Person: person, Batch: u.batch, State: StateRunning}, nil
	}
	return u.im, err
}

// admit keeps one person from having too many imports under way.
func (s *Badges) admit(ctx context.Context, tx *db.Tx, person int64) error {
	n, err := countRunning(ctx, tx, person)
	if err != nil {
		return err
	}
	if n >= importLimit {
		return fault.New(fault.TooMany, "badge.error.too_many_imports").After(10 * time.Second)
	}
	return nil
}

func importOf(person int64, r Reading, e Entry, batch string) Import {
	im := Import{Person: person, State: StateRunning, Filename: r.Filename, Source: r.Source, Title: e.Title, Batch: batch}
	if r.Archive {
		im.Filename = e.Name
	}
	if e.Err != nil {
		why := refusalOf(e.Err)
		im.State, im.Reason, im.Detail = StateRefused, why.Reason, clip(why.Detail, 300)
	}
	return im
}

type importPayload struct {
	Import int64 `json:"import"`
}

// refusal turns the reason of a reader into a fault with its sentence.
func refusal(err error) error {
	var reason, detail string
	if e, ok := errors.AsType[*bake.Error](err); ok {
		reason, detail = e.Reason, e.Detail
	} else if e, ok := errors.AsType[*openbadge.Error](err); ok {
		reason, detail = e.Reason, e.Detail
	} else {
		return err
	}
	kind := fault.Invalid
	if reason == "too-large" {
		kind = fault.TooLarge
	}
	return fault.New(kind, "verify.reason."+reason).With("detail", clip(detail, 120)).Wrap(err)
}

func clip(s string, n int) string {
	if len(s) <= n { // no letter takes less than a byte
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func mimeOf(c bake.Carrier) string {
	switch c {
	case "png":
		return "image/png"
	case "svg":
		return "image/svg+xml"
	case "json":
		return "application/json"
	case "pdf":
		return "application/pdf"
	}
	return "text/plain"
}

// ImportByID gives an import of the person's own.
func (s *Badges) ImportByID(ctx context.Context, person int64, publicID string) (Import, error) {
	im, err := getImport(ctx, s.Base.Read(), person, publicID)
	if errors.Is(err, db.ErrNotFound) {
		return Import{}, fault.New(fault.NotFound, "badge.error.import_not_found")
	}
	return im, err
}

// BatchByID gives the imports of one archive or record of the person's own, in
// their order; none when there is no such batch.
func (s *Badges) BatchByID(ctx context.Context, person int64, id string) ([]Import, error) {
	if id == "" {
		return nil, nil
	}
	return listBatch(ctx, s.Base.Read(), person, id)
}

// Await gives the import once it has ended, or as it is when d has passed.
func (s *Badges) Await(ctx context.Context, im Import, d time.Duration) (Import, error) {
	end := time.NewTimer(d)
	defer end.Stop()
	look := time.NewTicker(25 * time.Millisecond)
	defer look.Stop()
	for {
		now, err := s.ImportByID(ctx, im.Person, im.PublicID)
		if err != nil || now.State != StateRunning {
			return now, err
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-end.C:
			return now, nil
		case <-look.C:
		}
	}
}

// Running gives the person's imports that are under way.
func (s *Badges) Running(ctx context.Context, person int64) ([]Import, error) {
	return listRunning(ctx, s.Base.Read(), person)
}

// outcome decides how a verified import ends: the badge is kept, or refused for a
// check that time cannot mend.
func (s *Badges) outcome(ctx context.Context, im Import, r received) ending {
	im = im.about(r.report)
	if r.report.Kind == openbadge.CLR && r.report.Credential != nil && im.Record == 0 && recordFault(im.Checks).Name == "" {
		return s.unpacking(ctx, im, r)
	}
	if r.report.Verdict == verify.Invalid || r.report.Credential == nil {
		return s.refusing(im, failedStep(im.Checks))
	}
	if r.report.Kind != openbadge.Badge {
		return s.refusing(im, verify.Step{Reason: "not-a-badge", Detail: string(r.report.Kind)})
	}
	r.whole, r.frame = true, frameOf(r.found, r.data)
	r.art = s.artOf(ctx, r, r.report.Credential)
	var err error
	if r.draft, err = s.draftOf(r, im.Batch == ""); err != nil {
		return func(context.Context, *db.Tx, *memo) error { return err }
	}
	return func(ctx context.Context, tx *db.Tx, m *memo) error { return s.adopt(ctx, tx, m, im, r) }
}

// about is the import with what a report says of it.
func (im Import) about(r verify.Report) Import {
	im.Checks = r.Checks
	if r.Credential != nil && r.Credential.Name != "" {
		im.Title = r.Credential.Name
	}
	return im
}

// failedStep is the check that decides: the recipient's comes last, since a
// forged badge is no badge for anybody.
func failedStep(checks []verify.Step) verify.Step {
	var first verify.Step
	for _, c := range checks {
		if c.Result != verify.Fail || c.Name == verify.CheckExpired || c.Name == verify.CheckRevoked || c.Name == verify.CheckValidFrom || c.Name == verify.CheckEndorsement {
			continue
		}
		if first.Name == "" || first.Name == verify.CheckRecipient {
			first = c
		}
	}
	return first
}

func refusalOf(err error) verify.Step {
	if e, ok := errors.AsType[*bake.Error](err); ok {
		return verify.Step{Name: verify.CheckFormat, Result: verify.Fail, Reason: e.Reason, Detail: e.Detail}
	}
	if e, ok := fault.As(err); ok {
		return verify.Step{Name: verify.CheckFormat, Result: verify.Fail, Reason: strings.TrimPrefix(e.Key, "verify.reason."), Detail: e.Args["detail"]}
	}
	return verify.Step{Name: verify.CheckFormat, Result: verify.Fail, Reason: "not-a-badge-file"}
}

// refusing ends an import without a badge: the reason stays for a day, the bytes go.
func (s *Badges) refusing(im Import, why verify.Step) ending {
	return func(ctx context.Context, tx *db.Tx, _ *memo) error {
		if claimable(why) {
			if waits, err := s.wait(ctx, tx, im, why); err != nil || waits {
				return err
			}
		}
		im.State, im.Reason, im.Detail = StateRefused, why.Reason, clip(why.Detail, 300)
		_, err := s.end(ctx, tx, im)
		return err
	}
}

// again reports whether an import that was refused keeps its bytes for a day, so
// that it can be tried again with the others of its batch.
func (im Import) again() bool {
	return im.State == StateRefused && im.Batch != "" && im.Record == 0
}

// end writes the outcome of an import and lets go of its bytes, unless a badge or
// a record is to keep them, and of those of the record that it was in when nothing
// else came of it. It reports false when another run was first, or the person is
// gone: then nothing else may be written either.
func (s *Badges) end(ctx context.Context, tx *db.Tx, im Import) (bool, error) {
	hash := im.Received
	if im.again() {
		hash = ""
	} else {
		im.Received = ""
	}
	if n, err := endImport(ctx, tx, im); err != nil || n == 0 {
		return false, err
	}
	if im.State == StateDone || im.State == StateUnpacked {
		return true, nil
	}
	if err := s.dropLoneRecord(ctx, tx, im.Record); err != nil {
		return true, err
	}
	if hash == "" {
		return true, nil
	}
	return true, s.Blobs.Drop(ctx, tx, hash)
}
