package badge

import (
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/text"
)

// Person is a person as pages show them.
type Person struct{ Handle, Name, URL, Picture string }

// PersonView makes the view of a person. Picture is a blob hash or empty.
func PersonView(handle, name, picture string) Person {
	p := Person{Handle: handle, Name: name, URL: "/@" + handle}
	if picture != "" {
		p.Picture = "/@" + handle + "/picture?v=" + picture[:min(len(picture), 12)]
	}
	return p
}

// IssuerView is an issuer as pages show it.
type IssuerView struct{ Name, URL, Domain, Image string }

// View makes the view of an issuer.
func (i Issuer) View() IssuerView {
	return IssuerView{Name: i.Name, URL: "/i/" + i.PublicID, Domain: domainOf(i.WireID)}
}

// ClassView is a badge class as pages show it.
type ClassView struct {
	ID, URL, Name, Image, Issuer string

	Holders int
}

// View makes the view of a class.
func (c Class) View() ClassView {
	v := ClassView{ID: c.PublicID, URL: "/c/" + c.PublicID, Name: c.Name, Issuer: c.Issuer.Name, Holders: c.Holders}
	if c.Thumbnail != "" {
		v.Image = "/c/" + c.PublicID + "/image"
	}
	return v
}

// Card is a badge in a grid.
type Card struct {
	ID, URL, Name, Image, Issuer string

	Verdict             string
	Visibility          string // empty unless the viewer owns it
	IssuedAt, ExpiresAt time.Time
	Unclaimed           bool
	Earner              Person // empty where it is clear or not shown
}

// NewCard makes the card of a badge as the viewer may see it.
func NewCard(b Badge, viewer int64, now time.Time) Card {
	c := Card{
		ID: b.PublicID, URL: "/b/" + b.PublicID, Name: b.Class.Name, Issuer: b.Class.Issuer.Name,
		Verdict: string(b.VerdictAt(now)), IssuedAt: b.IssuedAt, ExpiresAt: b.ExpiresAt,
	}
	if b.Thumbnail != "" {
		c.Image = c.URL + "/image"
	}
	if b.Person == viewer {
		c.Visibility, c.Unclaimed = string(b.Visibility), b.Unclaimed
	}
	return c
}

// EarnerView is who holds the badge, for where that is shown: without a link and a
// picture where the name is to stand alone.
func (b Badge) EarnerView() Person {
	if !b.LinkName {
		return Person{Name: b.Earner.Name}
	}
	return PersonView(b.Earner.Handle, b.Earner.Name, b.Earner.Picture)
}

// WithEarner adds who holds the badge, where that is shown.
func (c Card) WithEarner(b Badge) Card {
	if b.ShowName {
		c.Earner = b.EarnerView()
	}
	return c
}

// CheckView is one check as pages show it.
type CheckView struct {
	Name, Result, Reason, Detail, Spec string

	Warning   string // on a pass, in the words of Reason
	By        string // who made an endorsement
	Documents []string
}

func checkViews(list []verify.Step) []CheckView {
	out := make([]CheckView, 0, len(list))
	for _, c := range list {
		out = append(out, CheckView{
			Name: c.Name, Result: string(c.Result), Reason: c.Reason, Detail: clip(c.Detail, 160), Spec: c.Spec,
			Warning: c.Warning, By: clip(c.By, 160), Documents: c.Documents,
		})
	}
	return out
}

// plannedChecks are the names shown while a verification runs.
var plannedChecks = []string{
	verify.CheckFormat, verify.CheckProof, verify.CheckKey, verify.CheckValidFrom, verify.CheckExpired, verify.CheckRevoked, verify.CheckRecipient,
}

// progress shows finished checks, the one under way and those that wait.
func progress(done []verify.Step) []CheckView {
	finished := make(map[string]verify.Step, len(done))
	for _, c := range done {
		finished[c.Name] = c
	}
	out := []CheckView{}
	running := false
	for _, name := range plannedChecks {
		if c, ok := finished[name]; ok {
			out = append(out, checkViews([]verify.Step{c})...)
			continue
		}
		state := "waiting"
		if !running {
			state, running = "running", true
		}
		out = append(out, CheckView{Name: name, Result: state})
	}
	return out
}

// safeURL gives an outside address that may stand in a link, or "".
func safeURL(s string) string {
	u, ok := text.SafeURL(s)
	if !ok {
		return ""
	}
	return u
}

// EvidenceView is a piece of evidence as pages show it.
type EvidenceView struct{ Name, Text, URL, Genre string }

func (b Badge) evidenceViews() []EvidenceView {
	out := []EvidenceView{}
	for _, e := range b.Evidence {
		body := strings.TrimSpace(e.Narrative + "\n\n" + e.Description)
		out = append(out, EvidenceView{e.Name, body, safeURL(e.ID), e.Genre})
	}
	return out
}

// AlignmentView is an alignment as pages show it.
type AlignmentView struct{ Name, URL, Framework, Code, Text string }

// AlignmentViews makes the views of a class's alignments.
func (c Class) AlignmentViews() []AlignmentView {
	out := []AlignmentView{}
	for _, a := range c.Alignments {
		out = append(out, AlignmentView{a.Name, safeURL(a.URL), a.Framework, a.Code, a.Description})
	}
	return out
}

// withKey adds the secret of a link to a local path.
func withKey(path, secret string) string {
	if secret == "" {
		return path
	}
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	return path + mark + "key=" + url.QueryEscape(secret)
}
