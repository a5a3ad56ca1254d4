package sdk

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// hidden stands where a secret was.
const hidden = "[hidden]"

// minSecret is how long a secret is at least that is taken out of texts, in bytes:
// a shorter one would be found in any text.
const minSecret = 4

// redactor lists what is taken out of texts, the longest first.
type redactor []string

func newRedactor(secrets []string) redactor {
	var all redactor
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		quoted, _ := json.Marshal(s) // a text always can be
		all = append(
			all, s, url.QueryEscape(s), url.PathEscape(s), string(quoted[1:len(quoted)-1]),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
		)
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

func (r redactor) text(text string) string {
	for _, secret := range r {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}

// failure takes the secrets out of err, which keeps its code.
func (r redactor) failure(err error) error {
	if err == nil {
		return nil
	}
	var f Failure
	if !errors.As(err, &f) {
		return errors.New(r.text(err.Error()))
	}
	f.Detail = Clip(Plain(r.text(f.Detail)), maxDetail, nil)
	return f
}

// secrets lists what of g must not be told.
func (g Grant) secrets() []string {
	all := []string{g.AccessToken, g.ClientSecret, g.DPoPJWK}
	if k, err := parseKey(g.DPoPJWK); err == nil {
		all = append(all, k.D)
	}
	return all
}
