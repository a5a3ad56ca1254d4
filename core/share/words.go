package share

import (
	"strings"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

// failureKey marks a detail whose first line is the key of a plugin's text.
const failureKey = "failure."

// detailOf is the stored form of a plugin's words: its text's key, if it gave one,
// so that they can be told in the reader's language later.
func detailOf(f *host.Failure) string {
	if f.Key == "" {
		return f.Detail
	}
	return failureKey + f.Key + "\n" + f.Detail
}

// words gives a plugin's words about a share; "" when it gave none. They are in the
// language when the plugin has a text of its own for it, else as the service said them.
func (s *Share) words(target, lang string, j Job) (words string, own bool) {
	key, rest, found := strings.Cut(j.Detail, "\n")
	if !found || !strings.HasPrefix(key, failureKey) {
		return j.Detail, false
	}
	if text := s.text(target, lang, key); text != "" {
		return strings.TrimSpace(text + " " + rest), true
	}
	return rest, false
}

// text is one text of a target's plugin in a language, else in its base language,
// else in English; "" without one.
func (s *Share) text(target, lang, key string) string {
	plugin, _, _ := strings.Cut(target, ".")
	all := map[string]string{}
	for l, texts := range s.descriptor(plugin).Texts {
		if t := texts[key]; t != "" {
			all[l] = t
		}
	}
	return sdk.Label(all, lang, "")
}
