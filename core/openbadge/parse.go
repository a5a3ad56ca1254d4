package openbadge

import (
	"errors"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// Parse reads a payload (JSON text, compact JWS or an http(s) address) into the normal form.
// It believes everything it reads. A hosted OB 1.x or 2.0 badge whose class is an address
// comes back partial; an address alone gives only Form and ID. When a field has a type that
// no version allows, the error is an *Error naming the field, and the credential holds what
// could be read; it is nil only when the payload is no credential text at all.
func Parse(payload []byte) (*Credential, error) {
	e, err := Open(payload)
	if err != nil {
		return nil, err
	}
	return e.Credential()
}

// Credential reads the opened document into the normal form; see Parse.
func (e *Envelope) Credential() (*Credential, error) {
	if !e.Root.Exists() {
		return &Credential{Version: e.Version, Form: e.Form, Raw: e.Raw, ID: e.URL}, nil
	}
	r := &reader{}
	c, err := e.read(r)
	if err == nil && r.err != nil {
		r = &reader{paths: true} // the same again, to name the field
		c, err = e.read(r)
	}
	if err == nil && r.err != nil {
		return c, r.err
	}
	return c, err
}

func (e *Envelope) read(r *reader) (*Credential, error) {
	c := &Credential{Version: e.Version, Form: e.Form, Raw: e.Raw}
	doc := node{r, "", e.Root}
	switch e.Version {
	case V30, CLR20:
		readVC(c, doc, e.Claims)
	case V05:
		readLegacy(c, doc)
	case V10, V11, V20, V21:
		readAssertion(c, doc)
	default:
		return nil, &Error{Reason: "not-a-credential"}
	}
	return c, nil
}

func fromJSONError(err error) error {
	if se, ok := errors.AsType[*strictjson.Error](err); ok {
		return &Error{Reason: se.Reason, Detail: se.Detail}
	}
	return &Error{Reason: "json"}
}
