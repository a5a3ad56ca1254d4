package badge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// Fact is something known of an issuer that helps to judge it: what is seen, not
// what to think of it. Its sentence is the message badge.fact.<Key>.
type Fact struct {
	Key         string
	Host, Other string
	Date        time.Time
	N           int
	Name, Note  string // of a list
	URL         string
}

// The facts.
const (
	factUnproven     = "unproven"      // the badge does not prove that it is this issuer's
	factSameDomain   = "same_domain"   // identifier and website
	factOtherDomain  = "other_domain"  // identifier and website
	factSameMail     = "same_mail"     // identifier and e-mail address
	factOtherMail    = "other_mail"    // identifier and e-mail address
	factSameProof    = "same_proof"    // identifier and where the key was read
	factOtherProof   = "other_proof"   // identifier and where the key was read
	factKeyAlone     = "key_alone"     // the identifier is a key
	factFirstSeen    = "first_seen"    // of the issuer
	factShown        = "shown"         // public badges
	factKey          = "key"           // of this badge, first seen
	factKeyBefore    = "key_before"    // another, until
	factKeyAfter     = "key_after"     // another, since
	factKeyDropped   = "key_dropped"   // the issuer lists it no more, it did until
	factKeyChange    = "key_change"    // on the page of the issuer: one after another
	factListed       = "listed"        // on a list of the administrator
	factNoneListed   = "not_listed"    // there are lists
	factKept         = "kept"          // a copy is here since
	factCriteriaGone = "criteria_gone" // the page of the issuer, of which there is a copy
	factCriteriaLost = "criteria_lost" // the page of the issuer, of which there is none
)

// domainFacts compares where an issuer says it is at home. Hosts of one
// registrable domain are the same home (publicsuffix.org).
func domainFacts(id, website, mail string) []Fact {
	var out []Fact
	host := hostnameOf(id)
	if host == "" {
		return []Fact{{Key: factKeyAlone, Other: hostnameOf(safeURL(website))}}
	}
	if site := hostnameOf(safeURL(website)); site != "" {
		out = append(out, Fact{Key: either(sameHome(host, site), factSameDomain, factOtherDomain), Host: host, Other: site})
	}
	if _, at, ok := strings.Cut(strings.TrimPrefix(mail, "mailto:"), "@"); ok && at != "" {
		at = clip(strings.ToLower(at), 100)
		out = append(out, Fact{Key: either(sameHome(host, at), factSameMail, factOtherMail), Host: host, Other: at})
	}
	return out
}

// proofFacts compares where the key, or the hosted badge, was read with the home
// of the issuer. One fact for each host.
func proofFacts(id string, documents []verify.UsedDocument) []Fact {
	host := hostnameOf(id)
	var hosts []string
	var out []Fact
	for _, d := range documents {
		from := hostnameOf(d.URL)
		vital := d.Role == verify.RoleKey || d.Role == verify.RoleIssuer || d.Role == verify.RoleAssertion
		if !vital || host == "" || from == "" || slices.Contains(hosts, from) {
			continue
		}
		hosts = append(hosts, from)
		out = append(out, Fact{Key: either(sameHome(host, from), factSameProof, factOtherProof), Host: host, Other: from})
	}
	return out
}

// sameHome reports whether two hosts are of one registrable domain.
func sameHome(a, b string) bool {
	if bare(a) == bare(b) {
		return true
	}
	home, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	other, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && home == other
}

func either(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

// keyFacts says since when the key of a badge is known, and which others the
// issuer signed with: the last before it, the first after it.
func keyFacts(used []verify.UsedKey, keys []IssuerKey) []Fact {
	at := slices.IndexFunc(keys, func(k IssuerKey) bool {
		return slices.ContainsFunc(used, func(u verify.UsedKey) bool { return u.Thumbprint == k.Thumbprint })
	})
	if at < 0 {
		return nil
	}
	out := []Fact{{Key: factKey, Date: keys[at].FirstSeen}}
	if at > 0 {
		out = append(out, Fact{Key: factKeyBefore, Date: keys[at-1].LastSeen})
	}
	if at < len(keys)-1 {
		out = append(out, Fact{Key: factKeyAfter, Date: keys[at+1].FirstSeen})
	}
	return out
}

// changeFacts tells of each key after the first.
func changeFacts(keys []IssuerKey) []Fact {
	var out []Fact
	for i := 1; i < len(keys); i++ {
		out = append(out, Fact{Key: factKeyChange, Date: keys[i].FirstSeen})
	}
	slices.Reverse(out)
	return out[:min(len(out), 5)]
}

func (s *Badges) listFacts(id string) []Fact {
	var out []Fact
	for _, l := range s.Known.Of(id) {
		out = append(out, Fact{Key: factListed, Name: l.List, Note: l.Note, URL: l.URL})
	}
	if len(out) == 0 && len(s.Known) > 0 {
		out = append(out, Fact{Key: factNoneListed, N: len(s.Known)})
	}
	return out
}

// IssuerFacts gives what is known of an issuer.
func (s *Badges) IssuerFacts(ctx context.Context, i Issuer) ([]Fact, error) {
	keys, err := s.Keys(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	shown, err := countIssuerHolders(ctx, s.Base.Read(), i.ID)
	if err != nil {
		return nil, err
	}
	out := append(domainFacts(i.WireID, i.URL, ""), Fact{Key: factFirstSeen, Date: i.FirstSeen})
	if shown > 0 {
		out = append(out, Fact{Key: factShown, N: shown})
	}
	return slices.Concat(out, changeFacts(keys), s.listFacts(i.WireID)), nil
}

// BadgeFacts gives what is known of the issuer of a badge and of how it was
// proven. ledger is the badge's, the newest first; mail is the address that the
// credential gives for its issuer. A badge that never proved whose it is says
// nothing of the issuer that it names.
func (s *Badges) BadgeFacts(ctx context.Context, b Badge, ledger []Ledger, mail string) ([]Fact, error) {
	i := b.Class.Issuer
	last, err := s.lastProof(ctx, b, ledger)
	if err != nil {
		return nil, err
	}
	if last == nil && b.ValidAt.IsZero() {
		return []Fact{{Key: factUnproven}}, nil
	}
	keys, err := s.Keys(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	shown, err := countIssuerHolders(ctx, s.Base.Read(), i.ID)
	if err != nil {
		return nil, err
	}
	out := domainFacts(i.WireID, i.URL, mail)
	if last != nil {
		out = slices.Concat(out, proofFacts(i.WireID, last.Report.Documents), keyFacts(last.Report.Keys, keys))
		if len(ledger) > 0 && dropped(ledger[0].Report.Checks) {
			out = append(out, Fact{Key: factKeyDropped, Date: last.At})
		}
	}
	out = append(out, Fact{Key: factFirstSeen, Date: i.FirstSeen})
	if shown > 0 {
		out = append(out, Fact{Key: factShown, N: shown})
	}
	out = append(out, s.listFacts(i.WireID)...)
	if b.isWhole() {
		out = append(out, Fact{Key: factKept, Date: b.CreatedAt})
	}
	if c, err := getCriteria(ctx, s.Base.Read(), b.Class.ID); err == nil && !c.goneSince.IsZero() {
		out = append(out, Fact{Key: either(c.blob != "", factCriteriaGone, factCriteriaLost), Date: c.goneSince})
	}
	return out, nil
}

// lastProof gives the newest verification in which proof and key were good, nil when there was
// none: of the given ones, else of those before them, which a long outage leaves behind.
func (s *Badges) lastProof(ctx context.Context, b Badge, ledger []Ledger) (*Ledger, error) {
	if last := provenBy(ledger); last != nil || b.ValidAt.IsZero() {
		return last, nil
	}
	l, _, err := getProof(ctx, s.Base.Read(), b.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil //nolint:nilnil // a restored badge may be known to have been valid and have no such report
	}
	return &l, err
}

// dropped reports whether the issuer does not list the key of a badge.
func dropped(checks []verify.Step) bool {
	return slices.ContainsFunc(checks, func(s verify.Step) bool {
		return s.Name == verify.CheckKey && s.Result == verify.Fail && s.Reason == "key-not-listed"
	})
}

// provenBy finds the newest verification in which proof and key were good.
func provenBy(ledger []Ledger) *Ledger {
	for i, l := range ledger {
		good := 0
		for _, c := range l.Report.Checks {
			if (c.Name == verify.CheckProof || c.Name == verify.CheckKey) && c.Result == verify.Pass {
				good++
			}
		}
		if good == 2 {
			return &ledger[i]
		}
	}
	return nil
}
