package sdk

// NewCall gives a call as the host makes one, for the tests of a plugin's own
// functions: its HTTP sends the grant's token, and to a server on the same machine
// also without TLS.
func NewCall(g Grant, key, lang string) *Call {
	var secrets []string
	for _, value := range g.Fields {
		secrets = append(append(secrets, value), secretsInURL(value)...)
	}
	return &Call{
		Grant: g, Key: key, Lang: lang, Settings: map[string]string{}, Options: map[string]string{},
		HTTP: newGrantClient(g, secrets),
	}
}
