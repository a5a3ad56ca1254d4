package i18n

import "strings"

// Names gives the messages whose keys lie directly below a prefix, by the last part
// of their key: those of "country" by the codes of the countries.
func (c *Catalogue) Names(lang, prefix string) map[string]string {
	names := map[string]string{}
	for key := range c.voices[Default].messages() {
		if last, ok := strings.CutPrefix(key, prefix+"."); ok && !strings.Contains(last, ".") {
			names[last] = c.T(lang, key)
		}
	}
	return names
}
