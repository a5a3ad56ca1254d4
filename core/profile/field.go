package profile

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/text"
)

const addressRunes = 160 // of a postal address

// Kinds of fields, in the order in which they are shown.
var Kinds = []string{"mastodon", "bluesky", "github", "linkedin", "x", "facebook", "instagram", "orcid", "matrix", "email", "phone", "address"}

// first is who sees a field of a kind unless its person says otherwise.
func first(kind string) string {
	if kind == "address" {
		return account.ForPrivate
	}
	return account.ForMembers
}

// Audiences of a field, the widest first.
var Audiences = []string{account.ForPublic, account.ForMembers, account.ForPrivate}

// Field is one place where a person is found elsewhere.
type Field struct{ Kind, Value, Audience string }

func (f Field) seenBy(viewer, owner int64) bool {
	return viewer == owner || f.Audience == account.ForPublic || f.Audience == account.ForMembers && viewer > 0
}

var (
	hostName   = `[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+`
	mastodonID = form(`^@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)@(` + hostName + `)$`)
	blueskyID  = form(`^@?(` + hostName + `)$`)
	githubID   = form(`^@?([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))$`)
	linkedInID = form(`^[\p{L}\p{N}_%-]+$`)
	xID        = form(`^@?([A-Za-z0-9_]{1,15})$`)
	dottedID   = form(`^@?([A-Za-z0-9](?:[A-Za-z0-9._]{0,48}[A-Za-z0-9_])?)$`)
	orcidID    = form(`^(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])$`)
	matrixID   = form(`^@[a-z0-9._=/+-]+:` + hostName + `(?::\d{1,5})?$`)
	phone      = form(`^\+?[0-9][0-9 ()./-]{4,28}[0-9]$`)
)

// form is a pattern that is compiled when somebody first fills such a field.
func form(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// places are what addresses of a kind begin with, which people may paste.
var places = map[string][]string{
	"bluesky": {"https://bsky.app/profile/"}, "github": {"https://github.com/", "github.com/"}, "orcid": {"https://orcid.org/", "orcid.org/"},
	"matrix": {"https://matrix.to/#/"}, "linkedin": {"https://www.linkedin.com/in/", "https://linkedin.com/in/", "linkedin.com/in/"},
	"x": {"https://x.com/", "https://twitter.com/", "x.com/"}, "facebook": {"https://www.facebook.com/", "https://facebook.com/", "facebook.com/"},
	"instagram": {"https://www.instagram.com/", "https://instagram.com/", "instagram.com/"},
}

// ParseField reads what somebody typed or pasted into a field: the canonical value,
// "" for an empty one. ok is false for what cannot be one of the kind.
func ParseField(kind, in string) (value string, ok bool) {
	in = cleanLine(in)
	if in == "" {
		return "", true
	}
	if len(in) > 200 {
		return "", false
	}
	for _, start := range places[kind] {
		in = strings.TrimSuffix(strings.TrimPrefix(in, start), "/")
	}
	switch kind {
	case "mastodon":
		return parseMastodon(in)
	case "bluesky":
		m := blueskyID().FindStringSubmatch(strings.ToLower(in))
		return found(m, func() string { return m[1] })
	case "github":
		m := githubID().FindStringSubmatch(in)
		return found(m, func() string { return m[1] })
	case "linkedin":
		runes := utf8.RuneCountInString(in)
		return in, runes >= 2 && runes <= 100 && linkedInID().MatchString(in)
	case "x":
		m := xID().FindStringSubmatch(in)
		return found(m, func() string { return m[1] })
	case "facebook", "instagram":
		m := dottedID().FindStringSubmatch(in)
		return found(m, func() string { return m[1] })
	case "orcid":
		return parseORCID(in)
	case "matrix":
		return in, matrixID().MatchString(in)
	case "email":
		address, _, err := mail.ParseAddress(in)
		return address, err == nil
	case "phone":
		return in, phone().MatchString(in)
	case "address":
		return text.CleanLine(in, addressRunes)
	}
	return "", false
}

func found(m []string, value func() string) (string, bool) {
	if m == nil {
		return "", false
	}
	return value(), true
}

// parseMastodon takes user@host and the address of a profile.
func parseMastodon(in string) (string, bool) {
	if u, err := url.Parse(in); err == nil && u.Scheme == "https" && strings.HasPrefix(u.Path, "/@") && !strings.Contains(u.Path[2:], "/") {
		in = u.Path[1:] + "@" + u.Host
	}
	if i := strings.LastIndexByte(in, '@'); i > 0 {
		in = in[:i] + strings.ToLower(in[i:])
	}
	m := mastodonID().FindStringSubmatch(in)
	return found(m, func() string { return m[1] + "@" + m[2] })
}

// parseORCID holds the check digit against the others (ISO 7064 11,2, as ORCID says
// under "Structure of the ORCID Identifier").
func parseORCID(in string) (string, bool) {
	m := orcidID().FindStringSubmatch(in)
	if m == nil {
		return "", false
	}
	digits, total := strings.ToUpper(m[1]+m[2]+m[3]+m[4]), 0
	for _, d := range digits[:15] {
		total = (total + int(d-'0')) * 2
	}
	check := (12 - total%11) % 11
	if want := "0123456789X"[check]; digits[15] != want {
		return "", false
	}
	return strings.Join([]string{digits[:4], digits[4:8], digits[8:12], digits[12:]}, "-"), true
}

// URL is where the field leads, "" for nowhere.
func (f Field) URL() string {
	switch f.Kind {
	case "mastodon":
		user, host, _ := strings.Cut(f.Value, "@")
		return "https://" + host + "/@" + user
	case "bluesky":
		return "https://bsky.app/profile/" + f.Value
	case "github":
		return "https://github.com/" + f.Value
	case "linkedin":
		return "https://www.linkedin.com/in/" + f.Value
	case "x":
		return "https://x.com/" + f.Value
	case "facebook":
		return "https://www.facebook.com/" + f.Value
	case "instagram":
		return "https://www.instagram.com/" + f.Value
	case "orcid":
		return "https://orcid.org/" + f.Value
	case "matrix":
		return "https://matrix.to/#/" + f.Value
	case "email":
		return "mailto:" + f.Value
	case "phone":
		return "tel:" + strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "/", "", "-", "").Replace(f.Value)
	}
	return ""
}

// leadsBack reports whether the page of the field can name our profile.
func (f Field) leadsBack() bool {
	return slices.Contains([]string{"mastodon", "github", "orcid"}, f.Kind)
}

// Fields gives a person's fields for their own eyes, in the order of Kinds.
func (s *Profiles) Fields(ctx context.Context, person int64) ([]Field, error) {
	return fieldsOf(ctx, s.Base.Read(), person)
}

// SetFields keeps a person's fields; empty ones go. It returns account.FieldErrors,
// named by kind.
func (s *Profiles) SetFields(ctx context.Context, person int64, list []Field) error {
	wrong := account.FieldErrors{}
	keep := []Field{}
	for _, f := range list {
		value, ok := ParseField(f.Kind, f.Value)
		if !ok {
			wrong[f.Kind] = "profile.error." + f.Kind
		}
		if value != "" && !slices.Contains(Audiences, f.Audience) {
			wrong[f.Kind+"_for"] = "account.error.choice"
		}
		if value != "" {
			keep = append(keep, Field{f.Kind, value, f.Audience})
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := replaceFields(ctx, tx, person, keep); err != nil {
			return err
		}
		return s.settleLinks(ctx, tx, person)
	})
}
