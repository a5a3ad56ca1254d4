package people

import (
	"context"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

// The kinds of acts; the message "people.act." + each says it in words.
const (
	kindPromote  = "promote"
	kindDemote   = "demote"
	kindSessions = "sessions"
	kindConfirm  = "confirm"
	kindEnter    = "enter"
	kindDisable  = "disable"
	kindEnable   = "enable"
	kindLater    = "later"
	kindRemove   = "remove"
	kindList     = "list" // the list of people was downloaded
)

// Act is one line of the record of what administrators did. It holds ids and no names:
// who is erased is nobody in it, and the words about them go.
type Act struct {
	ID      int64
	Actor   int64 // 0: whoever runs the server, the passport on a day that was set, or somebody who is gone
	Way     string
	Subject int64 // 0: nobody, or somebody who is gone
	Kind    string
	Words   string
	Receipt string // of a removal
	At      time.Time

	ActorName, ActorHandle, SubjectName, SubjectHandle, SubjectID string // as they are now
}

// acts shown on a page.
const actsShown = 50

// Acts gives the record, the newest first, and from where it goes on ("" at its end).
func (p *People) Acts(ctx context.Context, before string) ([]Act, string, error) {
	from, err := strconv.ParseInt(before, 36, 64)
	if err != nil || from <= 0 {
		from = 1<<63 - 1
	}
	list, err := listActs(ctx, p.Base.Read(), from, actsShown+1)
	if err != nil || len(list) <= actsShown {
		return list, "", err
	}
	list = list[:actsShown]
	return list, strconv.FormatInt(list[actsShown-1].ID, 36), nil
}

// ActsOn gives the newest acts on a person.
func (p *People) ActsOn(ctx context.Context, person int64) ([]Act, error) {
	return listActsOn(ctx, p.Base.Read(), person, 20)
}

// noteList notes that the list of people was downloaded.
func (p *People) noteList(ctx context.Context, by Actor) error {
	return p.Base.Tx(ctx, func(tx *db.Tx) error {
		return insertAct(ctx, tx, Act{ID: tx.NewID(), Actor: by.Person, Way: by.way(), Kind: kindList, At: tx.Now()})
	})
}

// roleOf names a role for messages.
func roleOf(role string) string {
	if role == account.RoleAdmin {
		return account.RoleAdmin
	}
	return account.RoleMember
}
