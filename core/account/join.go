package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/mail"
)

// Who may join. An invitation opens all but JoinClosed.
const (
	JoinOpen    = "open"    // everybody
	JoinListed  = "listed"  // whose address is on the allow-list
	JoinInvited = "invited" // who has an invitation
	JoinClosed  = "closed"  // nobody
)

const (
	proofSeal    = "account/join"
	proofFor     = 24 * time.Hour
	proofMax     = 1024          // characters
	joinMailsPer = 2 * time.Hour // for linksAtOnce mails to one address, which work for a day
	allowListMax = 1000          // entries
)

// pass is what a person who wants to join brings.
type pass struct {
	invite string // secret of an invitation, or ""
	key    string // of an address that is proven to be theirs, or ""
}

// mayJoin returns a fault Forbidden that says why a person with this pass cannot
// join, and nil when they can. It uses nothing up.
func (a *Accounts) mayJoin(ctx context.Context, d db.DB, p pass) error {
	site, err := a.settingsIn(ctx, d)
	if err != nil {
		return err
	}
	if err := a.setUpAlready(ctx, d); err != nil {
		return err
	}
	switch {
	case site.Joining == JoinOpen:
		return nil
	case site.Joining == JoinClosed:
		return fault.New(fault.Forbidden, "account.error.closed").At("/login")
	case p.invite != "":
		_, err := invitationBySecret(ctx, d, p.invite, a.base.Now(), site.MembersInvite)
		return invitationGone(err)
	case site.Joining == JoinListed && p.key != "" && a.isListed(site, p.key):
		return nil
	case site.Joining == JoinListed:
		return fault.New(fault.Forbidden, "account.error.not_listed").At("/signup")
	}
	return fault.New(fault.Forbidden, "account.error.invited").At("/login")
}

// admit is mayJoin in the transaction that makes the account of person: it uses the
// invitation, where there is one, up. Of more than it is for, the first get in.
func (a *Accounts) admit(ctx context.Context, tx *db.Tx, p pass, person int64) error {
	if err := a.mayJoin(ctx, tx, p); err != nil || p.invite == "" {
		return err
	}
	site, err := a.settingsIn(ctx, tx)
	if err != nil {
		return err
	}
	err = useInvitation(ctx, tx, p.invite, person, site.MembersInvite)
	if errors.Is(err, db.ErrNotFound) && site.Joining == JoinOpen {
		return nil
	}
	return invitationGone(err)
}

// setUpAlready returns a fault Forbidden while the site waits for its setup.
func (a *Accounts) setUpAlready(ctx context.Context, d db.DB) error {
	if _, err := settingValue(ctx, d, settingSetup); errors.Is(err, db.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if there, err := a.hasAdmin(ctx, d); there || err != nil {
		return err
	}
	return fault.New(fault.Forbidden, "account.error.no_setup")
}

// isListed reports whether an address, in the form that is compared, or its domain
// is on the allow-list of the site or of the configuration.
func (a *Accounts) isListed(s Settings, key string) bool {
	_, domain, _ := strings.Cut(key, "@")
	on := func(entry string) bool { return entry == key || entry == domain }
	return slices.ContainsFunc(s.AllowList, on) || slices.ContainsFunc(a.config.SignUp.Allow, on)
}

// listedDomains are the domains of the allow-list, which are no secret: the form
// for an address names some.
func (a *Accounts) listedDomains(s Settings) []string {
	var domains []string
	for _, entry := range slices.Concat(a.config.SignUp.Allow, s.AllowList) {
		if !strings.Contains(entry, "@") && !slices.Contains(domains, entry) {
			domains = append(domains, entry)
		}
	}
	return domains[:min(len(domains), 5)]
}

// parseAllowList reads entries between white space and commas. It returns
// FieldErrors (allow).
func parseAllowList(text string) ([]string, error) {
	list := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
	if len(list) > allowListMax {
		return nil, FieldErrors{"allow": "account.error.allow.long"}
	}
	if err := config.CheckAllowList(list); err != nil {
		return nil, FieldErrors{"allow": "account.error.allow.form"}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// joinAsked is published when somebody on the allow-list, or not, wants to join.
type joinAsked struct{ address, key, lang string }

// JoinMail is the data of the mail "join".
type JoinMail struct {
	Address string
	URL     string // absolute
	Expires time.Time
}

// AskToJoin mails a link to make an account with, where the address is on the
// allow-list. Whether it is, or is somebody's already, makes no difference to who
// asks: the work is done after the answer. It returns FieldErrors for what is no
// address.
func (a *Accounts) AskToJoin(ctx context.Context, address, lang string) error {
	address, key, err := mail.ParseAddress(address)
	if err != nil {
		wrong := FieldErrors{}
		wrong.add("address", err)
		return wrong
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		return event.Publish(ctx, tx, a.bus, joinAsked{address, key, a.knownLanguage(lang)})
	})
}

// onJoinAsked runs after the answer.
func (a *Accounts) onJoinAsked(ctx context.Context, asked joinAsked) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		site, err := a.settingsIn(ctx, tx)
		if err != nil || site.Joining != JoinListed || !a.isListed(site, asked.key) {
			return err
		}
		owner, err := ownerOf(ctx, tx, asked.key)
		if err == nil {
			return a.tellOwner(ctx, tx, owner)
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		more, err := a.mailer.Spare(ctx, tx, asked.key, mail.Ration{Kind: "join", N: linksAtOnce, Per: joinMailsPer})
		if err != nil || !more {
			return err
		}
		ends := tx.Now().Add(proofFor)
		token, err := a.sealProof(proof{Address: asked.address, Expires: ends})
		if err != nil {
			return err
		}
		return a.Mail(ctx, tx, mail.Message{
			To: asked.address, Lang: asked.lang, Template: "join",
			Data: JoinMail{Address: asked.address, URL: a.url("/join/" + token), Expires: ends},
		})
	})
}

// proof is what a mailed link to join holds, sealed: nothing is kept about people
// who do not come.
type proof struct {
	Address string    `json:"a"`
	Expires time.Time `json:"e"`
}

func (a *Accounts) sealProof(p proof) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(a.keys.Seal(text, []byte(proofSeal))), nil
}

// openProof gives the address that a mailed link proves, and the form of it that is
// compared; "" for an empty token. It returns a fault Gone for a link that is not
// ours or too old.
func (a *Accounts) openProof(token string) (address, key string, err error) {
	if token == "" {
		return "", "", nil
	}
	gone := fault.New(fault.Gone, "account.error.join").At("/signup")
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(token) > proofMax {
		return "", "", gone
	}
	text, err := a.keys.Open(sealed, []byte(proofSeal))
	if err != nil {
		return "", "", gone
	}
	var p proof
	if err := json.Unmarshal(text, &p); err != nil || !a.base.Now().Before(p.Expires) {
		return "", "", gone
	}
	return mail.ParseAddress(p.Address)
}
