package account

import (
	"context"
	"slices"

	"github.com/osier-passport/osier/core/db"
)

// Profile is what a person can change about themselves.
type Profile struct {
	Name, Handle, About string
	Language            string // "" follows the browser
	Scheme              string // auto, light, dark
	Contrast            string // auto, high
	Visibility          string // of new badges: private, link, members, public
}

// ChangeProfile keeps a person's profile. It returns FieldErrors.
func (a *Accounts) ChangeProfile(ctx context.Context, person int64, in Profile) (Person, error) {
	wrong := FieldErrors{}
	name, err := parseName(in.Name)
	wrong.add("name", err)
	about, err := parseAbout(in.About)
	wrong.add("about", err)
	choices := map[string]struct {
		value string
		among []string
	}{
		"scheme":             {in.Scheme, []string{"auto", "light", "dark"}},
		"contrast":           {in.Contrast, []string{"auto", "high"}},
		"default_visibility": {in.Visibility, []string{"private", "link", "members", "public"}},
	}
	for field, c := range choices {
		if !slices.Contains(c.among, c.value) {
			wrong[field] = "account.error.choice"
		}
	}
	if in.Language != "" && !a.catalogue.Has(in.Language) {
		wrong["language"] = "account.error.language"
	}
	var p Person
	err = a.base.Tx(ctx, func(tx *db.Tx) error {
		if p, err = personByID(ctx, tx, person); err != nil {
			return err
		}
		if err := a.rename(ctx, tx, &p, in.Handle, wrong); err != nil || len(wrong) > 0 {
			return err
		}
		p.Name, p.About, p.Language, p.Scheme, p.Contrast, p.Visibility = name, about, in.Language, in.Scheme, in.Contrast, in.Visibility
		return updateProfile(ctx, tx, p)
	})
	if err == nil {
		err = wrong.orNil()
	}
	return p, handleField(err)
}

// rename checks a changed handle; the one a person has is always good.
func (a *Accounts) rename(ctx context.Context, tx *db.Tx, p *Person, handle string, wrong FieldErrors) error {
	if lower(handle) == p.Handle {
		return nil
	}
	handle, err := ParseHandle(handle)
	if err != nil {
		wrong.add("handle", err)
		return nil
	}
	erased, err := a.erased(ctx, tx, handle)
	if err != nil {
		return err
	}
	if erased {
		wrong["handle"] = errHandleTaken().Key
	}
	p.Handle = handle
	return nil
}

// SetLanguage keeps the language a person chose (web.Options.SetLanguage).
func (a *Accounts) SetLanguage(ctx context.Context, person int64, lang string) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return updateLanguage(ctx, tx, person, a.knownLanguage(lang)) })
}
