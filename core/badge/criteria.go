package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/text"
)

const (
	jobCriteria     = "badge.criteria"
	criteriaPeriod  = 30 * 24 * time.Hour // from one look at the issuer's page to the next
	criteriaDelay   = 10 * time.Minute    // within which a new class is looked at
	criteriaMost    = 40_000              // characters kept
	acceptCriteria  = "text/html, text/plain;q=0.9, text/markdown;q=0.9"
	criteriaOnTrial = 24 * time.Hour // between two looks at a page that is gone
)

type criteriaPayload struct {
	Class int64 `json:"class"`
}

// wantCriteria has the page copied that says how a class is earned, once for all
// its holders, soon after the first badge came in.
func (s *Badges) wantCriteria(ctx context.Context, tx *db.Tx, class int64, address string) error {
	if safeURL(address) == "" {
		return nil
	}
	if _, err := getCriteria(ctx, tx, class); !errors.Is(err, db.ErrNotFound) {
		return err
	}
	at := tx.Now().Add(time.Minute + spread(class, time.Time{}, criteriaDelay))
	return s.Queue.Add(ctx, tx, jobCriteria, criteriaPayload{class}, jobs.Options{At: at, Key: fmt.Sprintf("%s/%d", jobCriteria, class)})
}

// runCriteria is the job: look at the page of a new class.
func (s *Badges) runCriteria(ctx context.Context, payload []byte) error {
	var p criteriaPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return jobs.Permanent(fmt.Errorf("read criteria job: %w", err))
	}
	address, err := getCriteriaURL(ctx, s.Base.Read(), p.Class)
	if errors.Is(err, db.ErrNotFound) {
		return nil // nobody holds it any more
	}
	if err != nil {
		return err
	}
	return s.copyCriteria(ctx, p.Class, address)
}

// refreshCriteria looks at the page of a badge's class again when that is due:
// monthly, and daily while it is gone or the issuer cannot be reached.
func (s *Badges) refreshCriteria(ctx context.Context, b Badge) error {
	if safeURL(b.Class.CriteriaURL) == "" {
		return nil
	}
	c, err := getCriteria(ctx, s.Base.Read(), b.Class.ID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	wait := criteriaPeriod
	if !c.goneSince.IsZero() || !b.UnreachableSince.IsZero() {
		wait = criteriaOnTrial
	}
	if err == nil && s.Base.Now().Sub(c.checkedAt) < wait {
		return nil
	}
	return s.copyCriteria(ctx, b.Class.ID, b.Class.CriteriaURL)
}

// copyCriteria keeps the words of a page. A page that is gone leaves the copy as
// it was, and since when it is gone.
func (s *Badges) copyCriteria(ctx context.Context, class int64, address string) error {
	words, gone := s.readCriteria(ctx, address)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		old, err := getCriteria(ctx, tx, class)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		now := old
		now.checkedAt = tx.Now()
		switch {
		case gone && old.goneSince.IsZero():
			now.goneSince = tx.Now()
		case !gone:
			now.goneSince = time.Time{}
		}
		if words != "" {
			if now.blob, err = s.Blobs.Put(ctx, tx, []byte(words), "text/plain; charset=utf-8"); err != nil {
				return fmt.Errorf("keep criteria: %w", err)
			}
			now.at = tx.Now()
		}
		if _, err := upsertCriteria(ctx, tx, class, now); err != nil {
			return err
		}
		return s.Blobs.Drop(ctx, tx, changed(old.blob, now.blob)...)
	})
}

// changed gives the hashes that may have lost their last row.
func changed(old, now string) []string {
	if old == now {
		return nil
	}
	return []string{old, now} // now: the class may be gone
}

// readCriteria gives the words of a page, or that it is not there. A host that is
// left alone is not asked, and a page that is no text has no words.
func (s *Badges) readCriteria(ctx context.Context, address string) (words string, gone bool) {
	if h, err := getHealth(ctx, s.Base.Read(), siteOf(address)); err == nil && h.until.After(s.Base.Now()) {
		return "", true
	}
	r, err := s.Fetch.Get(ctx, address, acceptCriteria)
	switch {
	case errors.Is(err, fetch.ErrForbidden), isReason(err, "fetch.busy", "fetch.offline"):
		return "", false
	case err != nil || r.Status >= 400:
		return "", true
	}
	kind, _, err := mime.ParseMediaType(r.Type)
	switch {
	case err != nil:
		return "", false
	case kind == "text/html" || kind == "application/xhtml+xml":
		return text.Page(r.Body, criteriaMost), false
	case strings.HasPrefix(kind, "text/"):
		return text.Lines(string(r.Body), criteriaMost), false
	}
	return "", false
}

// CriteriaCopy is the archived text of the page that says how a badge is earned.
type CriteriaCopy struct {
	Text string
	At   time.Time // it was read then; zero when nothing is kept
	Gone time.Time // the issuer's own page is not there since; zero: it is
}

// Criteria gives the copy that is kept of the criteria of a class. Whoever asks
// has made sure that the viewer may see a badge of it.
func (s *Badges) Criteria(ctx context.Context, class int64) (CriteriaCopy, error) {
	c, err := getCriteria(ctx, s.Base.Read(), class)
	if errors.Is(err, db.ErrNotFound) || err == nil && c.blob == "" {
		return CriteriaCopy{}, nil
	}
	if err != nil {
		return CriteriaCopy{}, err
	}
	words, _, err := s.Blobs.Get(ctx, s.Base.Read(), c.blob)
	return CriteriaCopy{Text: string(words), At: c.at, Gone: c.goneSince}, err
}
