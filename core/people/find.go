package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
)

// The states of an account, of which each has one; the first that fits.
const (
	StateLeaving     = "leaving"     // is being removed, or will be on its day
	StateDisabled    = "disabled"    // by an administrator
	StateWaiting     = "waiting"     // under age, for the guardian
	StateUnconfirmed = "unconfirmed" // no address is confirmed, and one waits
	StateActive      = "active"
)

// states in the order in which they are offered.
var states = []string{StateActive, StateUnconfirmed, StateDisabled, StateLeaving, StateWaiting}

// Ways in that people can be filtered by; those of providers begin with wayProvider.
const (
	wayPassword = "password"
	wayPasskey  = "passkey"
	wayMail     = "mail" // neither of them, nor a provider
	wayProvider = "at:"
)

// Orders of the list; the empty one is by who came last.
const (
	orderSeen = "seen"
	orderName = "name"
)

// Filter says which people are listed, and in which order.
type Filter struct {
	Query   string // words of the name, the handle, an address, or a domain after @
	State   string
	Role    string
	Country string // ISO 3166-1
	Way     string
	Order   string
}

// known gives the filter without what it does not know.
func (f Filter) known(country func(string) bool) Filter {
	keep := func(value string, among ...string) string {
		if slices.Contains(among, value) {
			return value
		}
		return ""
	}
	f.State = keep(f.State, states...)
	f.Role = keep(f.Role, account.RoleAdmin, account.RoleMember)
	f.Order = keep(f.Order, orderSeen, orderName)
	if !strings.HasPrefix(f.Way, wayProvider) {
		f.Way = keep(f.Way, wayPassword, wayPasskey, wayMail)
	}
	if !country(f.Country) {
		f.Country = ""
	}
	return f
}

// Check returns an error that names the part of a filter that nobody can fit.
func (f Filter) Check() error {
	k := f.known(func(string) bool { return true })
	for name, pair := range map[string][2]string{"state": {f.State, k.State}, "role": {f.Role, k.Role}, "way": {f.Way, k.Way}, "sort": {f.Order, k.Order}} {
		if pair[0] != pair[1] {
			return fmt.Errorf("%s: %q is none of those that --help lists", name, pair[0])
		}
	}
	return nil
}

// Any reports whether something is filtered.
func (f Filter) Any() bool { f.Order = ""; return f != Filter{} }

// Found is one person of the list.
type Found struct {
	ID                                        int64
	PublicID, Handle, Name, Picture, Language string
	State, Role, Country                      string
	Address                                   string // primary, or ""
	Confirmed                                 bool   // the address
	Joined                                    time.Time
	Seen                                      time.Time // a day (UTC), zero for never
	Badges                                    int
	Password                                  bool
	Passkeys                                  int
	Providers                                 []string // ids
}

// List gives people after a mark, and the mark from where it goes on, "" at the end.
func (p *People) List(ctx context.Context, f Filter, after string, limit int) ([]Found, string, error) {
	list, err := find(ctx, p.Base.Read(), f, after, limit+1)
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	last := list[limit-1]
	mark := last.PublicID
	if f.Order == orderSeen {
		mark = strconv.FormatInt(db.Micros(last.Seen), 36) + "." + mark
	}
	return list[:limit], mark, nil
}

// terms of a query that count; more are left out.
const termsMax = 5

// terms are the beginnings of words, addresses and domains that a query asks for.
func (f Filter) terms() (words, addresses []string) {
	for token := range strings.FieldsSeq(db.Fold(f.Query)) {
		if at := strings.IndexByte(token, '@'); at > 0 || at == 0 && strings.Contains(token, ".") {
			addresses = append(addresses, token)
			continue
		}
		words = append(words, account.Words(token)...)
	}
	return words[:min(len(words), termsMax)], addresses[:min(len(addresses), termsMax)]
}
