package account

import (
	"context"
	"errors"
	"time"
	_ "time/tzdata" // a small container has no zones of its own

	"github.com/osier-passport/osier/core/db"
)

// Look is how the site speaks and looks to a person.
type Look struct {
	Language string // "" follows the browser
	Scheme   string // auto, light, dark
	Contrast string // auto, high
	Zone     string // of the IANA time zone database; "" is UTC
}

// LookOf gives a person's look.
func (a *Accounts) LookOf(ctx context.Context, d db.DB, person int64) (Look, error) {
	return lookOf(ctx, d, person)
}

// ChangeLook keeps a person's look. It returns FieldErrors.
func (a *Accounts) ChangeLook(ctx context.Context, person int64, l Look) error {
	wrong := FieldErrors{}
	wrong.choice("scheme", l.Scheme, []string{"auto", "light", "dark"})
	wrong.choice("contrast", l.Contrast, []string{"auto", "high"})
	if l.Language != "" && !a.catalogue.Has(l.Language) {
		wrong["language"] = "account.error.language"
	}
	if err := checkZone(l.Zone); err != nil {
		wrong["zone"] = "account.error.zone"
	}
	if len(wrong) > 0 {
		return wrong
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error { return updateLook(ctx, tx, person, l) })
}

var errZone = errors.New("no time zone of a person")

// checkZone tells a time zone that is known. "Local" is the server's, which is nobody's choice.
func checkZone(name string) error {
	if name == "Local" {
		return errZone
	}
	_, err := time.LoadLocation(name)
	return err
}

// SetLanguage keeps the language a person chose (web.Options.SetLanguage).
func (a *Accounts) SetLanguage(ctx context.Context, person int64, lang string) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return updateLanguage(ctx, tx, person, a.knownLanguage(lang)) })
}
