package account

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/text"
)

const (
	lineMax  = 120 // characters of a place or an organisation
	linksMax = 6
	linkMax  = 300 // bytes
)

// Profile is what a person tells about themselves, and to whom.
type Profile struct {
	Name                string
	About               string // Markdown
	Place, Organisation string
	Links               []string // web addresses

	AboutFor, PictureFor, PlaceFor, OrganisationFor, LinksFor string // ForPrivate, ForMembers, ForPublic; "" is ForPublic
}

// audiences are who a part of a profile can be for, the widest first.
var audiences = []string{ForPublic, ForMembers, ForPrivate}

// ChangeProfile keeps a person's profile. It returns FieldErrors.
func (a *Accounts) ChangeProfile(ctx context.Context, person int64, in Profile) (Person, error) {
	in, err := parseProfile(in)
	if err != nil {
		return Person{}, err
	}
	var p Person
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if p, err = personByID(ctx, tx, person); err != nil {
			return err
		}
		hash, err := pictureHash(ctx, tx, person)
		if err != nil {
			return err
		}
		p.Name, p.About = in.Name, in.About
		return a.keepProfile(ctx, tx, &p, in, hash)
	})
	return p, err
}

// keepProfile writes a profile. A picture that is not for everybody stands beside
// the others' tables, so that no list can show it.
func (a *Accounts) keepProfile(ctx context.Context, tx *db.Tx, p *Person, in Profile, picture string) error {
	limited := ""
	if p.Picture = picture; in.PictureFor != ForPublic {
		p.Picture, limited = "", picture
	}
	if err := updateProfile(ctx, tx, *p); err != nil {
		return err
	}
	if err := updateFields(ctx, tx, p.ID, in, limited); err != nil {
		return err
	}
	return event.Publish(ctx, tx, a.bus, ProfileChanged{Person: p.ID})
}

func parseProfile(in Profile) (Profile, error) {
	wrong := FieldErrors{}
	var err error
	in.Name, err = parseName(in.Name)
	wrong.add("name", err)
	in.About, err = parseAbout(in.About)
	wrong.add("about", err)
	in.Place, err = parseLine(in.Place)
	wrong.add("place", err)
	in.Organisation, err = parseLine(in.Organisation)
	wrong.add("organisation", err)
	in.Links, err = parseLinks(in.Links)
	wrong.add("links", err)
	for field, value := range map[string]*string{
		"about_for": &in.AboutFor, "picture_for": &in.PictureFor, "place_for": &in.PlaceFor, "organisation_for": &in.OrganisationFor, "links_for": &in.LinksFor,
	} {
		if *value == "" {
			*value = ForPublic
		}
		wrong.choice(field, *value, audiences)
	}
	return in, wrong.orNil()
}

// parseLine cleans a line that may be empty.
func parseLine(s string) (string, error) {
	line := strings.Join(strings.Fields(cleanText(s, false)), " ")
	if utf8.RuneCountInString(line) > lineMax {
		return "", fault.New(fault.Invalid, "account.error.line.long")
	}
	return line, nil
}

// parseLinks keeps at most six web addresses; empty ones are left out.
func parseLinks(list []string) ([]string, error) {
	out := []string{}
	for _, link := range list {
		if link = strings.TrimSpace(link); link == "" {
			continue
		}
		if !strings.Contains(link, "://") {
			link = "https://" + link
		}
		safe, ok := text.SafeURL(link)
		if !ok || len(safe) > linkMax {
			return nil, fault.New(fault.Invalid, "account.error.links_are.form")
		}
		out = append(out, safe)
	}
	if len(out) > linksMax {
		return nil, fault.New(fault.Invalid, "account.error.links_are.most")
	}
	return out, nil
}

// ProfileOf gives all that a person tells, for the person's own eyes, and the hash
// of the picture.
func (a *Accounts) ProfileOf(ctx context.Context, d db.DB, person int64) (Profile, string, error) {
	p, err := personByID(ctx, d, person)
	if err != nil {
		return Profile{}, "", err
	}
	in, limited, err := fieldsOfPerson(ctx, d, person)
	in.Name, in.About = p.Name, p.About
	return in, p.Picture + limited, err
}

// Face is what one viewer sees of a profile.
type Face struct {
	About, Place, Organisation string
	Links                      []string
	Picture                    string // local address, "" for none
}

// FaceOf gives the parts of a profile that the viewer (0: nobody signed in) may
// see. That the viewer may open the profile is asked before (Opened).
func (a *Accounts) FaceOf(ctx context.Context, viewer int64, p Person) (Face, error) {
	in, limited, err := fieldsOfPerson(ctx, a.base.Read(), p.ID)
	if err != nil {
		return Face{}, err
	}
	sees := func(audience string) bool {
		return viewer == p.ID || audience == ForPublic || audience == ForMembers && viewer > 0
	}
	var f Face
	if sees(in.AboutFor) {
		f.About = p.About
	}
	if sees(in.PlaceFor) {
		f.Place = in.Place
	}
	if sees(in.OrganisationFor) {
		f.Organisation = in.Organisation
	}
	if sees(in.LinksFor) {
		f.Links = in.Links
	}
	if sees(in.PictureFor) {
		f.Picture = pictureURL(p.Handle, p.Picture+limited)
	}
	return f, nil
}
