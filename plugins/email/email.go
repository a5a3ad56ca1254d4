// Package email is the share plugin for mails that the passport sends: it writes
// subject and text in the language of the person who shares, and the host mails
// them to the addresses of the option "to".
//
// It owns no table and no event; plugins and the host start it.
package email

import (
	_ "embed"
	"fmt"
	"net/mail"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

var (
	//go:embed plugin.yaml
	manifest []byte
	//go:embed icon.svg
	icon []byte
)

// Bounds of one mail.
const (
	maxTo      = 5 // addresses
	maxText    = 3000
	maxSubject = 120
	maxTitle   = 200
)

// Plugin makes the plugin.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Icon: icon, Targets: []sdk.Target{{ID: "send", Text: text, Subject: subject}}}
}

// language is the words of a mail.
type language struct {
	subjects           map[sdk.ItemType]string // with the title
	greetings          map[sdk.ItemType]string
	issued             string // with the issuer
	proof              string
	addresses, tooMany string
}

var languages = map[string]language{
	"en": {
		subjects:  map[sdk.ItemType]string{sdk.ItemBadge: "A badge: %s", sdk.ItemPage: "A page: %s", sdk.ItemProfile: "A profile: %s"},
		greetings: map[sdk.ItemType]string{sdk.ItemBadge: "I would like to show you a badge.", sdk.ItemPage: "I would like to show you a page.", sdk.ItemProfile: "I would like to show you my profile."},
		issued:    "issued by %s",
		proof:     "The page shows what it stands for and whether it is genuine:",
		addresses: "“%s” is not an e-mail address.",
		tooMany:   "One mail goes to five addresses at most.",
	},
	"fr": {
		subjects:  map[sdk.ItemType]string{sdk.ItemBadge: "Un badge : %s", sdk.ItemPage: "Une page : %s", sdk.ItemProfile: "Un profil : %s"},
		greetings: map[sdk.ItemType]string{sdk.ItemBadge: "Je souhaite vous montrer un badge.", sdk.ItemPage: "Je souhaite vous montrer une page.", sdk.ItemProfile: "Je souhaite vous montrer mon profil."},
		issued:    "délivré par %s",
		proof:     "La page montre ce qu’il atteste et s’il est authentique :",
		addresses: "« %s » n’est pas une adresse électronique.",
		tooMany:   "Un courriel s’envoie à cinq adresses au plus.",
	},
}

// wordsFor gives the words of the person's language, else English.
func wordsFor(i sdk.Item) language {
	base, _, _ := strings.Cut(i.ViewerLang, "-")
	if l, ok := languages[base]; ok {
		return l
	}
	return languages["en"]
}

// typed gives the text for the item's type; what is not known is a page.
func typed(texts map[sdk.ItemType]string, t sdk.ItemType) string {
	if text, ok := texts[t]; ok {
		return text
	}
	return texts[sdk.ItemPage]
}

func subject(i sdk.Item, _ map[string]string) string {
	return sdk.Clip(sdk.Plain(fmt.Sprintf(typed(wordsFor(i).subjects, i.Type), i.Title)), maxSubject, nil)
}

// text is the mail: the person's own words or a greeting, what it is, and where.
func text(i sdk.Item, options map[string]string) (string, error) {
	words := wordsFor(i)
	if err := words.check(options["to"]); err != nil {
		return "", err
	}
	what := sdk.Clip(sdk.Plain(i.Title), maxTitle, nil)
	if i.IssuerName != "" {
		what += ", " + fmt.Sprintf(words.issued, sdk.Clip(sdk.Plain(i.IssuerName), maxTitle, nil))
	}
	end := "\n\n" + what + "\n\n"
	if i.Type == sdk.ItemBadge {
		end += words.proof + "\n"
	}
	end += i.URL + "\n"
	said := strings.TrimSpace(i.Text)
	if said == "" {
		said = typed(words.greetings, i.Type)
	}
	return sdk.Clip(said, maxText-len([]rune(end)), nil) + end, nil
}

// check holds the addresses against what one mail may have. No address at all is
// for the host to mind, which knows that the field is required.
func (l language) check(to string) error {
	if strings.TrimSpace(to) == "" {
		return nil
	}
	all := strings.Split(to, ",")
	if len(all) > maxTo {
		return sdk.FieldError{Key: "to", Text: l.tooMany}
	}
	for _, one := range all {
		one = strings.TrimSpace(one)
		if a, err := mail.ParseAddress(one); err != nil || a.Address != one {
			return sdk.FieldError{Key: "to", Text: fmt.Sprintf(l.addresses, sdk.Clip(sdk.Plain(one), 60, nil))}
		}
	}
	return nil
}
