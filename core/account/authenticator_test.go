package account

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/web/webtest"
)

// authenticator is a security key that holds one passkey (WebAuthn §6).
type authenticator struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32

	// What a hostile browser or key does instead.
	origin    string // "" for the right one
	rpID      string
	flags     byte // 0 for user present and verified
	crossSite bool
	sign      *ecdsa.PrivateKey
	handleAs  []byte
	challenge string
}

const (
	userPresent, userVerified, keyIncluded, mayBackUp = 0x01, 0x04, 0x40, 0x08

	presentAndVerified = userPresent | userVerified
)

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authenticator{t: t, key: key, id: make([]byte, 32)}
	rand.Read(a.id)
	return a
}

// options are those of both ceremonies.
type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		Attestation      string `json:"attestation"`
		UserVerification string `json:"userVerification"`
		Selection        struct {
			ResidentKey      string `json:"residentKey"`
			UserVerification string `json:"userVerification"`
		} `json:"authenticatorSelection"`
		Allow []struct {
			ID string `json:"id"`
		} `json:"allowCredentials"`
		Exclude []struct {
			ID string `json:"id"`
		} `json:"excludeCredentials"`
	} `json:"publicKey"`
}

// ask gets the options of a ceremony, as the script does.
func ask(c *webtest.Client, path string) options {
	var o options
	c.With("X-Csrf-Token", c.CSRF()).Post(path, "", "").Is(200).JSON(&o)
	return o
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) decoded(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// clientData is what the browser signs with (WebAuthn §5.8.1).
func (a *authenticator) clientData(kind, site string, o options) []byte {
	u, err := url.Parse(site)
	if err != nil {
		a.t.Fatal(err)
	}
	data := map[string]any{"type": kind, "challenge": o.PublicKey.Challenge, "origin": u.Scheme + "://" + u.Host, "crossOrigin": a.crossSite}
	if a.origin != "" {
		data["origin"] = a.origin
	}
	if a.challenge != "" {
		data["challenge"] = a.challenge
	}
	text, err := json.Marshal(data)
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

// authData is what the authenticator vouches for (WebAuthn §6.1).
func (a *authenticator) authData(rpID string, more byte) []byte {
	if a.rpID != "" {
		rpID = a.rpID
	}
	flags := byte(presentAndVerified)
	if a.flags != 0 {
		flags = a.flags
	}
	hash := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], flags|more), a.counter)
}

// create makes a passkey and gives the browser's answer.
func (a *authenticator) create(site string, o options) string {
	a.handle = a.decoded(o.PublicKey.User.ID)
	data := a.authData(o.PublicKey.RP.ID, keyIncluded)
	data = append(data, make([]byte, 16)...) // no model
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), a.cose()...)
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(object, 0x67), "attStmt"...)
	object = append(append(object, 0xa0, 0x68), "authData"...)
	object = append(object, 0x59, byte(len(data)>>8), byte(len(data)))
	return a.answer(map[string]any{
		"clientDataJSON": encoded(a.clientData("webauthn.create", site, o)), "attestationObject": encoded(append(object, data...)),
		"transports": []string{"internal", "Hybrid\n"},
	})
}

// cose is the public key (RFC 9052 §7, RFC 9053 §7.1): ES256 on P-256.
func (a *authenticator) cose() []byte {
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	out := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}
	out = append(out, point[1:33]...)
	return append(append(out, 0x22, 0x58, 0x20), point[33:]...)
}

// get signs a challenge and gives the browser's answer.
func (a *authenticator) get(site string, o options) string {
	client, data := a.clientData("webauthn.get", site, o), a.authData(o.PublicKey.RPID, 0)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	key, handle := a.key, a.handle
	if a.sign != nil {
		key = a.sign
	}
	if a.handleAs != nil {
		handle = a.handleAs
	}
	signature, err := ecdsa.SignASN1(rand.Reader, key, signed[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{
		"clientDataJSON": encoded(client), "authenticatorData": encoded(data), "signature": encoded(signature), "userHandle": encoded(handle),
	})
}

func (a *authenticator) answer(response map[string]any) string {
	text, err := json.Marshal(map[string]any{
		"id": encoded(a.id), "rawId": encoded(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return string(text)
}
