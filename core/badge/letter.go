package badge

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// outagePatience is how long an issuer may be unreachable before the holder of a
// badge hears of it. A server that is moved or mended is back within days, and a
// mail about it would only worry; a week of silence is worth knowing, while the
// badge can still be asked for again elsewhere.
const outagePatience = 7 * 24 * time.Hour

// Letters writes mail to people. core/account answers: it adds the site.
type Letters interface {
	Mail(ctx context.Context, tx *db.Tx, m mail.Message) error
	Announce(ctx context.Context, tx *db.Tx, n account.Announcement) error
}

// state is what a badge has come to.
type state struct {
	verdict          verify.Verdict
	told             verify.Verdict // what its holder knows
	unreachableSince time.Time
}

// VerdictLetter is the data of the mail "verdict": a badge is no longer what its
// holder knows it to be.
type VerdictLetter struct {
	Name, Badge, Issuer, URL string

	Verdict string
	Since   time.Time // unreachable; zero when that is not why
}

// tell lets the holder know of a changed verdict, once. An outage that ends
// before outagePatience is over is never mentioned, nor is what the holder has
// just seen for themselves.
func (s *Badges) tell(ctx context.Context, tx *db.Tx, b Badge, now state, seen bool) error {
	silent := now.verdict == verify.Unverifiable && tx.Now().Sub(now.unreachableSince) < outagePatience
	if now.verdict == now.told || silent && !seen {
		return nil
	}
	n, err := updateTold(ctx, tx, b.ID, now)
	if err != nil || n == 0 || seen || s.Letters == nil {
		return err // another told it at the same time
	}
	to, err := s.Addresses.Confirmed(ctx, tx, b.Person)
	if err != nil || len(to) == 0 {
		return err
	}
	lang, err := getLanguage(ctx, tx, b.Person)
	if err != nil {
		return err
	}
	letter := VerdictLetter{
		Name: b.Earner.Name, Badge: b.Class.Name, Issuer: b.Class.Issuer.Name, URL: s.URL("/b/" + b.PublicID + "/verify"), Verdict: string(now.verdict),
	}
	if now.verdict == verify.Unverifiable {
		letter.Since = now.unreachableSince
	}
	return s.Letters.Mail(ctx, tx, mail.Message{To: to[0], Lang: lang, Template: "verdict", Data: letter, Person: b.Person, Kind: account.MailVerdict})
}
