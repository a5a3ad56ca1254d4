package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
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
)

const (
	jobImport     = "badge.import"
	importLimit   = 20 // under way for one person at once
	importKeep    = 24 * time.Hour
	acceptPayload = "application/vc+ld+json, application/ld+json, application/json, image/png, image/svg+xml, text/plain;q=0.8, */*;q=0.1"
)

// Upload is what a person gives to be taken in: the first of File, Text and URL
// that is not empty counts.
type Upload struct {
	File     []byte
	Filename string
	Text     string
	URL      string
}

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
	CreatedAt time.Time
}

// Begin reads an upload and makes the checks that need no network. It returns a
// fault that names the reason when the upload is no badge or can never be
// valid; nothing is stored then. Otherwise the import is durable: a job ends it,
// also after a crash.
func (s *Badges) Begin(ctx context.Context, person int64, u Upload) (Import, error) {
	data, im, err := s.obtain(ctx, u)
	if err != nil {
		return Import{}, err
	}
	found, err := bake.Extract(data)
	if err != nil {
		return Import{}, refusal(err)
	}
	if err := verify.Precheck(ctx, found.Payload); err != nil {
		return Import{}, refusal(err)
	}
	im.Person, im.State, im.PublicID = person, StateRunning, secret.ID()
	if c, err := openbadge.Parse(found.Payload); err == nil {
		im.Title = c.Name
	}
	err = s.Base.Tx(ctx, func(tx *db.Tx) error { return s.begin(ctx, tx, &im, data, found.Carrier) })
	return im, err
}

func (s *Badges) begin(ctx context.Context, tx *db.Tx, im *Import, data []byte, c bake.Carrier) error {
	n, err := countRunning(ctx, tx, im.Person)
	if err != nil {
		return err
	}
	if n >= importLimit {
		return fault.New(fault.TooMany, "badge.error.too_many_imports").After(10 * time.Second)
	}
	if im.Received, err = s.Blobs.Put(ctx, tx, data, mimeOf(c)); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	im.ID, im.CreatedAt = tx.NewID(), tx.Now()
	if err := insertImport(ctx, tx, *im); err != nil {
		return err
	}
	return s.Queue.Add(ctx, tx, jobImport, importPayload{im.ID}, jobs.Options{})
}

type importPayload struct {
	Import int64 `json:"import"`
}

// obtain gives the bytes of an upload: the file, the text, or what its address answers.
func (s *Badges) obtain(ctx context.Context, u Upload) ([]byte, Import, error) {
	text := strings.TrimSpace(u.Text)
	if len(u.File) == 0 && u.URL == "" && isAddress(text) {
		u.URL = text
	}
	switch {
	case len(u.File) > 0:
		return u.File, Import{Filename: u.Filename}, nil
	case text != "" && u.URL == "":
		return []byte(text), Import{}, nil
	case u.URL != "":
		return s.obtainURL(ctx, strings.TrimSpace(u.URL))
	}
	return nil, Import{}, fault.New(fault.Invalid, "badge.error.nothing_given")
}

func isAddress(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsAny(s, " \n\r\t{")
}

func (s *Badges) obtainURL(ctx context.Context, address string) ([]byte, Import, error) {
	u, err := url.Parse(address)
	if err != nil || !isAddress(address) || u.Host == "" {
		return nil, Import{}, fault.New(fault.Invalid, "badge.error.bad_address")
	}
	r, err := s.Fetch.Get(ctx, address, acceptPayload)
	switch {
	case errors.Is(err, fetch.ErrForbidden):
		return nil, Import{}, fault.New(fault.Invalid, "badge.error.address_forbidden").With("host", u.Host).Wrap(err)
	case err != nil:
		return nil, Import{}, fault.New(fault.Invalid, "badge.error.address_unavailable").With("host", u.Host).Wrap(err)
	case r.Status >= 400:
		return nil, Import{}, fault.New(fault.Invalid, "badge.error.address_status").With("host", u.Host).With("status", fmt.Sprint(r.Status))
	}
	return r.Body, Import{Source: address, Filename: path.Base(u.Path)}, nil
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

// runImport is the job: verify what was received, then keep the badge or refuse it.
func (s *Badges) runImport(ctx context.Context, payload []byte) error {
	var p importPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read import job: %w", err))
	}
	im, err := getImportByID(ctx, s.Base.Read(), p.Import)
	if errors.Is(err, db.ErrNotFound) || (err == nil && im.State != StateRunning) {
		return nil // ended by an earlier run, or its person is gone
	}
	if err != nil {
		return err
	}
	data, _, err := s.Blobs.Get(ctx, s.Base.Read(), im.Received)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	found, err := bake.Extract(data)
	if err != nil {
		return s.refuse(ctx, im, refusalOf(err))
	}
	report, err := s.verify(ctx, im, found)
	if err != nil {
		return err
	}
	return s.settle(ctx, im, data, found, report)
}

// verify checks the payload and notes each check as it ends.
func (s *Badges) verify(ctx context.Context, im Import, found bake.Found) (verify.Report, error) {
	addresses, err := s.Addresses.Confirmed(ctx, s.Base.Read(), im.Person)
	if err != nil {
		return verify.Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	var done []verify.Step
	report := verify.Check(ctx, found.Payload, verify.Options{
		At: s.Base.Now(), Fetcher: fetcher{s.Fetch}, Recipients: append([]string{}, addresses...),
		OnCheck: func(c verify.Step) {
			done = append(done, c)
			if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return updateChecks(ctx, tx, im.ID, done) }); err != nil {
				s.Log.Warn("note a check", "import", im.ID, "error", err)
			}
		},
	})
	return report, nil
}

// settle keeps the badge, or refuses what failed a check that time cannot mend.
func (s *Badges) settle(ctx context.Context, im Import, data []byte, found bake.Found, r verify.Report) error {
	im.Checks = r.Checks
	if r.Credential != nil && r.Credential.Name != "" {
		im.Title = r.Credential.Name
	}
	if r.Verdict == verify.Invalid || r.Credential == nil {
		return s.refuse(ctx, im, failedStep(r.Checks))
	}
	if r.Kind != openbadge.Badge {
		return s.refuse(ctx, im, verify.Step{Reason: "not-a-badge", Detail: string(r.Kind)})
	}
	art := s.artOf(ctx, data, found, r.Credential)
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return s.adopt(ctx, tx, im, received{found, r, art}) })
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
	return verify.Step{Name: verify.CheckFormat, Result: verify.Fail, Reason: "not-a-badge-file"}
}

// refuse ends an import without a badge: the reason stays for a day, the bytes go.
func (s *Badges) refuse(ctx context.Context, im Import, why verify.Step) error {
	im.State, im.Reason, im.Detail = StateRefused, why.Reason, clip(why.Detail, 300)
	return s.Base.Tx(ctx, func(tx *db.Tx) error { return s.end(ctx, tx, im) })
}

// end writes the outcome of an import and lets go of its bytes.
func (s *Badges) end(ctx context.Context, tx *db.Tx, im Import) error {
	hash := im.Received
	im.Received = ""
	if err := endImport(ctx, tx, im); err != nil {
		return err
	}
	return s.Blobs.Drop(ctx, tx, hash)
}
