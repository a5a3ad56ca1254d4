package sdk

import "maps"

// NewCall gives a call as the host makes one, for the tests of a plugin's own
// functions: its HTTP sends the grant's token, and to a server on the same machine
// also without TLS.
func NewCall(g Grant, key, lang string) *Call {
	return &Call{
		Grant: g, Key: key, Lang: lang, Settings: map[string]string{}, Options: map[string]string{},
		HTTP: newGrantClient(g, valuesOf(g.Fields)),
	}
}

func valuesOf(m map[string]string) []string {
	all := make([]string, 0, len(m))
	for v := range maps.Values(m) {
		all = append(all, v)
	}
	return all
}
