package account

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

// Kinds of texts that people agree to.
const (
	TextTerms   = "terms"
	TextPrivacy = "privacy"
)

// consentAge notes that a person answered the question for their age; its version
// is the age that was asked for.
const consentAge = "age"

const legalMax = 200_000 // characters of one text

var legalKinds = []string{TextTerms, TextPrivacy}

// LegalText is one version of the terms or of the privacy text, in one language.
type LegalText struct {
	Kind, Language string
	Version        int64
	Body           string // Markdown
	Asks           bool   // people have to agree to it
	EffectiveAt    time.Time
}

// textState is what counts now of one kind of text: the version in force and the
// last one that asks, 0 for none.
type textState struct{ version, asks int64 }

type textStates struct{ terms, privacy textState }

func (t textStates) of(kind string) textState {
	if kind == TextTerms {
		return t.terms
	}
	return t.privacy
}

// Legal gives the text of a kind that is in force, in the language or else in
// another one that it has. It returns a fault NotFound when there is none.
func (a *Accounts) Legal(ctx context.Context, kind, language string) (LegalText, error) {
	list, err := legalTexts(ctx, a.base.Read(), kind, a.base.Now())
	if err != nil {
		return LegalText{}, err
	}
	if len(list) == 0 {
		return LegalText{}, fault.New(fault.NotFound, "legal.error.none")
	}
	for _, t := range list {
		if t.Language == language {
			return t, nil
		}
	}
	return list[0], nil
}

// LegalVersions lists all texts of a kind, the newest version first.
func (a *Accounts) LegalVersions(ctx context.Context, kind string) ([]LegalText, error) {
	return allLegalTexts(ctx, a.base.Read(), kind)
}

// NewText is a version of a text that is to be published.
type NewText struct {
	Kind        string
	Bodies      map[string]string // by language; empty ones are left out
	Asks        bool
	EffectiveAt time.Time
}

// PublishText keeps a new version of a text. It returns FieldErrors (text, date).
// From its date on people are asked to agree, when it asks. Only administrators
// may call it.
func (a *Accounts) PublishText(ctx context.Context, in NewText) error {
	wrong := FieldErrors{}
	if !slices.Contains(legalKinds, in.Kind) {
		wrong["text"] = "account.error.choice"
	}
	bodies := map[string]string{}
	for language, body := range in.Bodies {
		body = strings.TrimSpace(cleanText(strings.ReplaceAll(body, "\r\n", "\n"), true))
		if body != "" && a.catalogue.Has(language) {
			bodies[language] = body
		}
		if utf8.RuneCountInString(body) > legalMax {
			wrong["text"] = "legal.error.long"
		}
	}
	if len(bodies) == 0 {
		wrong["text"] = "legal.error.empty"
	}
	if len(wrong) > 0 {
		return wrong
	}
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		last, err := lastVersion(ctx, tx, in.Kind)
		if err != nil {
			return err
		}
		for language, body := range bodies {
			t := LegalText{Kind: in.Kind, Language: language, Version: last + 1, Body: body, Asks: in.Asks, EffectiveAt: in.EffectiveAt}
			if err := insertLegalText(ctx, tx, t); err != nil {
				return err
			}
		}
		tx.After(a.forgetSite)
		return nil
	})
}

// Agree notes that a person agrees to all texts in force.
func (a *Accounts) Agree(ctx context.Context, person int64) error {
	return a.base.Tx(ctx, func(tx *db.Tx) error { return a.agree(ctx, tx, person) })
}

func (a *Accounts) agree(ctx context.Context, tx *db.Tx, person int64) error {
	for _, kind := range legalKinds {
		state, err := textStateOf(ctx, tx, kind, tx.Now())
		if err != nil {
			return err
		}
		if state.version == 0 {
			continue
		}
		if err := insertConsent(ctx, tx, person, kind, state.version); err != nil {
			return err
		}
	}
	return nil
}

// asksFor gives the texts that a person has not agreed to in the version that asks.
func (s Settings) asksFor(agreed map[string]int64) []string {
	var list []string
	for _, kind := range legalKinds {
		if t := s.texts.of(kind); t.asks > 0 && agreed[kind] < t.asks {
			list = append(list, kind)
		}
	}
	return list
}

func (a *Accounts) readTexts(ctx context.Context, d db.DB) (textStates, error) {
	now := a.base.Now()
	terms, errTerms := textStateOf(ctx, d, TextTerms, now)
	privacy, errPrivacy := textStateOf(ctx, d, TextPrivacy, now)
	return textStates{terms, privacy}, errors.Join(errTerms, errPrivacy)
}
