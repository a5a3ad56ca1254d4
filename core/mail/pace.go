package mail

import (
	"context"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
)

const (
	paceWindow  = time.Hour
	pacePerHour = 30 // mails to one address
	paceHours   = 4  // more than these hours carry is not sent at all
	pacePurpose = "mail/pace"
)

// pace counts a mail to an address, whoever caused it: strangers who give somebody
// else's address in many places at once cannot flood it. What is over the number
// of an hour waits for the next; what is over those of four is not sent, and
// administrators see it in the outbox. The count is kept by a keyed hash.
func (m *Mailer) pace(ctx context.Context, tx *db.Tx, to string) (State, time.Time, error) {
	key := m.keys.MAC(pacePurpose, []byte(strings.ToLower(to)))
	n, ends, err := countMail(ctx, tx, key, tx.Now().Add(paceWindow))
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
