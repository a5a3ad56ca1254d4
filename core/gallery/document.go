package gallery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
)

// The kinds of what is found.
const (
	kindClass  = "class"
	kindPerson = "person"
	kindIssuer = "issuer"
	kindSkill  = "skill"
	kindPage   = "page"
)

// The kinds of facets.
const (
	facetTag     = "tag"
	facetSkill   = "skill"
	facetIssuer  = "issuer"
	facetCountry = "country"
	facetSpot    = "spot" // of people: latitude,longitude in whole degrees
)

// anyMember stands for somebody who is signed in and nobody in particular.
const anyMember = int64(math.MaxInt64)

const (
	titleWords = 40
	keyWords   = 160
	bodyWords  = 500
	tagsMost   = 40
	skillsMost = 60
	labelMax   = 80 // characters
)

// document is one thing that may be found: what is known of it at the moment, and
// how many people show it to everybody and to members.
type document struct {
	kind            string
	object          int64
	public, members int64
	at              int64 // microseconds
	title, keys     string
	maker           string // of a badge class: its issuer's name
	body            string
	facets          []facetOf
}

// facetOf is a value by which a document is sorted, and how many people show the
// document under it.
type facetOf struct {
	kind, value, label, scheme, detail string
	public, members                    int64
}

// named is the words that the document is put in order by.
func (d document) named(id int64) named {
	n := named{id: id, name: clip(db.Fold(d.title), labelMax)}
	if d.maker != "" {
		n.maker = clip(db.Fold(d.maker), labelMax) + "\x01" + n.name
	}
	return n
}

// wording is the words of a document as they are indexed.
type wording struct{ title, keys, body []string }

func (d document) wording() wording {
	return wording{title: tokens(d.title, titleWords), keys: tokens(d.keys, keyWords), body: tokens(d.body, bodyWords)}
}

// dictionary is the words that mistyped ones are corrected to.
func (t wording) dictionary() []string {
	return distinct(append(append([]string{}, t.title...), t.keys...))
}

func (t wording) digest() string {
	sum := sha256.Sum256([]byte(strings.Join(t.title, " ") + "\n" + strings.Join(t.keys, " ") + "\n" + strings.Join(t.body, " ")))
	return hex.EncodeToString(sum[:12])
}

// describe reads what a document says at the moment. A document of nobody's
// showing, or of what is not there any more, has no members.
func describe(ctx context.Context, tx *db.Tx, kind string, object int64) (document, error) {
	var d document
	var err error
	switch kind {
	case kindClass:
		d, err = describeClass(ctx, tx, object)
	case kindPerson:
		d, err = describePerson(ctx, tx, object)
	case kindIssuer:
		d, err = describeIssuer(ctx, tx, object)
	case kindSkill:
		d, err = describeSkill(ctx, tx, object)
	case kindPage:
		d, err = describePage(ctx, tx, object)
	}
	if errors.Is(err, db.ErrNotFound) {
		d, err = document{}, nil
	}
	d.kind, d.object = kind, object
	return d, err
}

func describeClass(ctx context.Context, tx *db.Tx, id int64) (document, error) {
	c, err := classText(ctx, tx, id)
	if err != nil {
		return document{}, err
	}
	shown, err := countShown(ctx, tx, id)
	if err != nil {
		return document{}, err
	}
	d := document{at: c.created, title: c.name, maker: c.issuer, body: c.description + " " + c.criteria}
	for _, s := range shown {
		d.public, d.members = d.public+s.public, d.members+s.members
		if s.country != "" {
			d.facets = append(d.facets, facetOf{kind: facetCountry, value: s.country, label: s.country, public: s.publicHere, members: s.membersHere})
		}
	}
	keys := []string{c.issuer}
	d.facets = append(d.facets, facetOf{kind: facetIssuer, value: c.issuerID, label: c.issuer, detail: strconv.FormatInt(c.issuerRow, 10), public: d.public, members: d.members})
	for _, f := range append(tagFacets(c.tags), skillFacets(c.alignments)...) {
		f.public, f.members = d.public, d.members
		d.facets = append(d.facets, f)
		keys = append(keys, f.label)
	}
	d.keys = strings.Join(keys, " ")
	return d, nil
}

func tagFacets(tags []string) []facetOf {
	var list []facetOf
	seen := map[string]bool{}
	for _, tag := range tags[:min(len(tags), tagsMost)] {
		label := clip(strings.Join(strings.Fields(tag), " "), labelMax)
		value := db.Fold(label)
		if value == "" || seen[value] {
			continue
		}
		seen[value] = true
		list = append(list, facetOf{kind: facetTag, value: value, label: label, scheme: badge.SchemeTag})
	}
	return list
}

// skillDetail is what is kept of a skill beside its name.
type skillDetail struct {
	Framework string `json:"framework,omitempty"`
	Code      string `json:"code,omitempty"`
	URL       string `json:"url,omitempty"`
	Text      string `json:"text,omitempty"`
}

func skillFacets(alignments []openbadge.Alignment) []facetOf {
	var list []facetOf
	seen := map[string]bool{}
	for _, a := range alignments[:min(len(alignments), skillsMost)] {
		key := badge.SkillKey(a)
		if key == "" || seen[key] {
			continue
		}
		seen[key] = true
		detail, err := json.Marshal(skillDetail{clip(a.Framework, labelMax), clip(a.Code, labelMax), clip(a.URL, 500), clip(a.Description, 600)})
		if err != nil {
			continue // strings always can be written
		}
		list = append(list, facetOf{
			kind: facetSkill, value: shortHash(key), label: clip(strings.Join(strings.Fields(a.Name), " "), labelMax),
			scheme: badge.SkillScheme(a), detail: string(detail),
		})
	}
	return list
}

func describePerson(ctx context.Context, tx *db.Tx, id int64) (document, error) {
	p, err := personText(ctx, tx, id)
	if err != nil {
		return document{}, err
	}
	d := document{at: p.created, title: p.name + " " + p.handle, public: p.public, members: p.members}
	if p.place.Country != "" {
		d.facets = append(d.facets, placeFacet(facetCountry, p.place.Country, p.place.CountryFor, d))
	}
	d.facets = append(d.facets, placeFacet(facetSpot, spotValue(p.place.Latitude, p.place.Longitude), p.place.SpotFor, d))
	return d, nil
}

// placeFacet is a value of where a person is, as far as it is for anybody.
func placeFacet(kind, value, audience string, d document) facetOf {
	f := facetOf{kind: kind, value: value, label: value}
	if audience == forPublic {
		f.public = d.public
	}
	if audience == forPublic || audience == forMembers {
		f.members = d.members
	}
	return f
}

func describeIssuer(ctx context.Context, tx *db.Tx, id int64) (document, error) {
	i, err := issuerText(ctx, tx, id)
	return document{at: i.created, title: i.name, body: i.description + " " + i.url, public: i.public, members: i.members}, err
}

func describeSkill(ctx context.Context, tx *db.Tx, id int64) (document, error) {
	f, err := facetText(ctx, tx, id)
	if err != nil {
		return document{}, err
	}
	var detail skillDetail
	if f.detail != "" {
		err = json.Unmarshal([]byte(f.detail), &detail)
	}
	return document{title: f.label, keys: detail.Framework + " " + detail.Code, body: detail.Text, public: f.public, members: f.members}, err
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most]))
	}
	return s
}
