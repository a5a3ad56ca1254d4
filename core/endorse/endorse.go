// Package endorse lets people vouch for a badge that somebody else holds: members
// whom the holder asks or who come by, and people without an account, who are asked
// by mail.
//
// It owns the tables endorsement, endorsement_place (places in the status lists of
// who signs), outsider (people without an account, their address sealed) and
// outsider_stop (keyed marks of addresses that want no such
// mail), and no event. It reads badge, person, follow and block by JOIN. An endorsement
// is seen by whoever sees the badge, once the holder has accepted it; then
// core/sign signs it as an EndorsementCredential (OB3 §B.2) in the name of who
// wrote it. Who was asked sees what the badge is before anything is accepted: the
// holder shows it by asking. A link that was mailed is stored as a hash and ends in 30
// days.
//
// Callers: core/badge by its page, core/request and core/mydata for what is held,
// and its own pages.
package endorse

import (
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
)

// State says how far an endorsement is.
type State string

// The states.
const (
	Asked    State = "asked"    // whoever was asked has written nothing
	Refused  State = "refused"  // they said no
	Written  State = "written"  // the holder has not decided
	Accepted State = "accepted" // signed and shown with the badge
	Declined State = "declined" // the holder does not show it
)

const (
	maxBody    = 4000 // characters
	maxRequest = 1000
	maxName    = 80
	maxSkills  = 40
	linkFor    = 30 * 24 * time.Hour
	listed     = 200 // of one kind on a page
)

// Subject is a badge as those see it who are asked about it.
type Subject struct {
	ID           int64
	PublicID     string
	WireID       string
	Holder       Person
	Name, Issuer string
	Description  string
	Criteria     string
	Language     string
	Tags         []string
	Alignments   []openbadge.Alignment
	Thumbnail    string
	Unclaimed    bool
	Anonymised   bool
}

// Skills are what can be vouched for one by one: the alignments and tags of the
// badge, each once.
func (s Subject) Skills() []string {
	var list []string
	add := func(name string) {
		name = strings.TrimSpace(name)
		if name != "" && len(list) < maxSkills && !slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, name) }) {
			list = append(list, name)
		}
	}
	for _, a := range s.Alignments {
		add(a.Name)
	}
	for _, t := range s.Tags {
		add(t)
	}
	return list
}

// Person is a member.
type Person struct {
	ID                              int64
	PublicID, Handle, Name, Picture string
}

func (p Person) view() badge.Person {
	if p.Handle == "" {
		return badge.Person{Name: p.Name}
	}
	return badge.PersonView(p.Handle, p.Name, p.Picture)
}

// Outsider is somebody without an account who was asked.
type Outsider struct {
	ID       int64
	PublicID string
	Name     string // as they gave it
	Language string
	sealed   []byte // the address
}

// Endorsement is what somebody was asked for or said about a badge.
type Endorsement struct {
	ID       int64
	PublicID string
	Subject  Subject
	By       Person   // its ID is 0 for somebody without an account
	Outsider Outsider // its ID is 0 for a member
	State    State
	Request  string // words of the holder
	Body     string // Markdown
	Skills   []string
	Verdict  string // of the credential, by our verifier

	AskedAt, WrittenAt, DecidedAt, CheckedAt, Until time.Time
}

// author is who wrote it, as others see them.
func (e Endorsement) author() badge.Person {
	if e.By.ID != 0 {
		return e.By.view()
	}
	return badge.Person{Name: e.Outsider.Name}
}

// comment is what the credential says (OB3 §B.2 "endorsementComment"): the words,
// and the skills as a list.
func (e Endorsement) comment() string {
	var b strings.Builder
	b.WriteString(e.Body)
	for i, skill := range e.Skills {
		if i == 0 && e.Body != "" {
			b.WriteString("\n")
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + skill)
	}
	return b.String()
}

func errNotFound() error { return fault.New(fault.NotFound, "endorse.error.not_found") }
func errGone() error {
	return fault.New(fault.Gone, "endorse.error.link_gone").At("/data-request")
}
func errSelf() error    { return fault.New(fault.Invalid, "endorse.error.self") }
func errChanged() error { return fault.New(fault.Conflict, "endorse.error.changed") }
