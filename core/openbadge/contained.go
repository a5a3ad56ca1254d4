package openbadge

import (
	"bytes"
	"encoding/json"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
	"github.com/osier-passport/osier/core/openbadge/wrap"
)

// Contained gives the credentials inside a CLR, each exactly as its text stands
// there: the bytes of a JSON object, or a compact JWS (CLR2 §B.1 ClrSubject,
// "verifiableCredential"). A proof covers the text of its own credential, so
// each can be verified without the record. The slices of objects may share
// memory with payload. The list is empty for a credential that is no CLR. The
// error is an *Error.
func Contained(payload []byte) ([][]byte, error) {
	e, err := Open(payload)
	if err != nil {
		return nil, err
	}
	if e.Version != CLR20 {
		return nil, nil
	}
	text, err := e.objectText()
	if err != nil {
		return nil, err
	}
	subjects, err := listOf(member(text, "credentialSubject"))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, s := range subjects {
		list, err := listOf(member(s, "verifiableCredential"))
		if err != nil {
			return nil, err
		}
		for _, raw := range list {
			one, err := containedText(raw)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// objectText is the text of the credential object: of the JSON itself, or of the
// payload of a JWS or its claim "vc".
func (e *Envelope) objectText() (json.RawMessage, error) {
	text := json.RawMessage(bytes.TrimSpace(e.Raw))
	if len(e.Token) > 0 {
		b, err := decodeSegment(bytes.Split(e.Token, []byte("."))[1], "payload")
		if err != nil {
			return nil, err
		}
		if text = json.RawMessage(b); e.Claims.Get("vc").Present() {
			text = member(text, "vc")
		}
	}
	if list, err := listOf(text); err == nil && len(list) == 1 {
		text = list[0]
	}
	return text, nil
}

// member is the text of one member of an object that Open has read: its keys are
// unique. It is nil where there is none.
func member(object json.RawMessage, name string) json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(object, &m) != nil {
		return nil
	}
	return m[name]
}

// listOf takes a list apart; what is none is a list of itself.
func listOf(text json.RawMessage) ([]json.RawMessage, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || bytes.Equal(text, []byte("null")) {
		return nil, nil
	}
	if text[0] != '[' {
		return []json.RawMessage{text}, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil {
		return nil, &Error{Reason: "json"}
	}
	return list, nil
}

func containedText(raw json.RawMessage) ([]byte, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '{' {
		v, err := strictjson.Read(raw, strictjson.Limits{})
		if token := wrap.Enveloped(v); err == nil && token != "" {
			return []byte(token), nil
		}
		return raw, nil
	}
	var token string
	if json.Unmarshal(raw, &token) != nil {
		return nil, &Error{Reason: "bad-type", Detail: "verifiableCredential"}
	}
	return []byte(token), nil
}
