package mail

import (
	"context"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const (
	paceWindow  = time.Hour
	pacePerHour = 30 // mails of one template to one address
	paceHours   = 4  // more than these hours carry is not sent at all
	pacePurpose = "mail/pace"
)

// Ration bounds the mails of a kind to one address.
type Ration struct {
	Kind string
	N    int // at most
	Per  time.Duration
}

// Spare reports whether one more mail of a kind may go to an address. Whoever asks
// for mails that anybody may ask for calls it and says nothing of the answer: a mail of the last while is on its way and still
// good, so that strangers who ask on and on keep nobody from having one. The count
// is kept by a keyed hash.
func (m *Mailer) Spare(ctx context.Context, tx *db.Tx, to string, r Ration) (bool, error) {
	sent, _, err := countMail(ctx, tx, m.paceKey("ration/"+r.Kind, to), tx.Now().Add(r.Per))
	return sent <= r.N, err
}

func (m *Mailer) paceKey(kind, to string) string {
	return m.keys.MAC(pacePurpose, []byte(kind+"\x00"+strings.ToLower(to)))
}

// pace counts a mail to an address, whoever caused it, with those of its template:
// strangers who give somebody else's address in many places at once cannot flood
// it, nor hold up what the owner waits for with mails of another kind. What is over
// the number of an hour waits for the next; what is over those of four is not sent,
// and administrators see it in the outbox. The count is kept by a keyed hash.
func (m *Mailer) pace(ctx context.Context, tx *db.Tx, to, template string) (State, time.Time, error) {
	n, ends, err := countMail(ctx, tx, m.paceKey(template, to), tx.Now().Add(paceWindow))
	if err != nil {
		return "", time.Time{}, err
	}
	late := (n - 1) / pacePerHour
	switch {
	case late == 0:
		return Waiting, time.Time{}, nil
	case late < paceHours:
		return Waiting, ends.Add(time.Duration(late-1) * paceWindow), nil
	}
	m.log.WarnContext(ctx, "mail is not sent: too many to one address", "to", mask(to), "in_the_hour", n)
	return Failed, time.Time{}, nil
}
