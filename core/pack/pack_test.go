package pack_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/osier-passport/osier/core/pack"
)

const (
	achievement = `{"id":"https://school.example/a/1","name":"Knots","description":"Ties twelve knots, in the dark and with one hand, and says what each of them is for and what it is not for."}`
	issuer      = `{ "id": "https://school.example", "name": "A \"School\" } of {knots", "list": [1, {"issuer": {}}, true] }`
	credential  = `{"@context":["https://www.w3.org/ns/credentials/v2"],"credentialSubject":{"id":"did:key:z6Mk","achievement":` + achievement + `},
		"issuer": ` + issuer + `, "proof":{"proofValue":"z3FXQ"}}`
)

func token(payload string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(`{"alg":"EdDSA","kid":"did:key:z6Mk#z6Mk"}`)) + "." + e.EncodeToString([]byte(payload)) + "." + e.EncodeToString([]byte("\x00signature\xff"))
}

// texts are what comes in, each with whether something of it is shared.
var texts = map[string]bool{
	credential:        true,
	token(credential): true,
	token(`{"vc":` + credential + `,"iss":"https://school.example"}`): true,
	`{"type":"Assertion","badge":` + achievement + `}`:                true,
	`{"type":"Assertion","badge":"https://school.example/a/1"}`:       false,
	" \n" + credential + "\n":                                         true,
	strings.TrimSuffix(credential, "}"):                               false,
	token(credential) + "=":                                           false,
	token(credential)[:40] + "\n" + token(credential)[40:]:            false,
	`{"badge":` + strings.Repeat(`[`, 10_000):                         false,
	strings.Repeat(`{"vc":`, 10_000):                                  false,
	"":                                                                false, "{": false, "\x01": false, "\x01\x01": false, "a.b.c": false, "..": false, "\xef\xbb\xbf{}": false,
}

func TestWhatIsPackedComesBackAsItWas(t *testing.T) {
	for text, shares := range texts {
		p := pack.Pack([]byte(text))
		back, err := p.Unpack()
		if err != nil || string(back) != text {
			t.Errorf("%.60q comes back as %.60q, %v", text, back, err)
		}
		if (p.Part != nil) != shares {
			t.Errorf("%.60q shares %d bytes", text, len(p.Part))
		}
		if back, err = pack.Untext(pack.Text([]byte(text))); err != nil || string(back) != text {
			t.Errorf("%.60q comes back from Text as %.60q, %v", text, back, err)
		}
	}
}

// TestAClassIsKeptOnce: two credentials of a class have the same part, and little of
// their own.
func TestAClassIsKeptOnce(t *testing.T) {
	one := pack.Pack([]byte(credential))
	two := pack.Pack([]byte(strings.Replace(credential, "z3FXQ", "z9abc", 1)))
	if !bytes.Equal(one.Part, two.Part) || bytes.Equal(one.Own, two.Own) {
		t.Error("the parts of two credentials of a class differ, or they have nothing of their own")
	}
	if n := len(one.Own); n > 100 {
		t.Errorf("%d bytes of its own are kept of a credential that has 150", n)
	}
}

func TestWhatWasNeverPackedIsGivenAsItIs(t *testing.T) {
	for _, text := range []string{credential, token(credential), ""} {
		if back, err := (pack.Packed{Own: []byte(text)}).Unpack(); err != nil || string(back) != text {
			t.Errorf("%.40q comes back as %.40q, %v", text, back, err)
		}
	}
}

func TestWhatIsBrokenIsRefused(t *testing.T) {
	p := pack.Pack([]byte(credential))
	for name, broken := range map[string]pack.Packed{
		"no part":           {Own: p.Own},
		"a part too short":  {Own: p.Own, Part: pack.Text([]byte("{}"))},
		"a part too long":   {Own: p.Own, Part: pack.Text([]byte(achievement + issuer + " "))},
		"cut off":           {Own: p.Own[:len(p.Own)-3], Part: p.Part},
		"a text":            {Own: pack.Text([]byte("?"))},
		"cuts without end":  {Own: pack.Text([]byte("t\xff"))},
		"too many cuts":     {Own: pack.Text([]byte("t\xff\xff\xff\xff\x0f"))},
		"a header too long": {Own: pack.Text([]byte("j\x7f{}"))},
		"other dictionary":  {Own: []byte("\x01\x07abc")},
		"a mark":            {Own: []byte("\x01")},
	} {
		if back, err := broken.Unpack(); !errors.Is(err, pack.ErrBroken) {
			t.Errorf("%s: %q, %v", name, back, err)
		}
	}
}

func TestManyPackAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				text := fmt.Sprintf(`{"id":"%d-%d","badge":%s}`, i, n, achievement)
				if back, err := pack.Pack([]byte(text)).Unpack(); err != nil || string(back) != text {
					t.Errorf("%q, %v", back, err)
				}
			}
		})
	}
	all.Wait()
}

func FuzzPack(f *testing.F) {
	for text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if back, err := pack.Pack(text).Unpack(); err != nil || !bytes.Equal(back, text) {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	own, part := pack.Cut([]byte(credential))
	f.Add(own, part)
	f.Fuzz(func(_ *testing.T, own, part []byte) {
		_, _ = pack.Packed{Own: pack.Text(own), Part: pack.Text(part)}.Unpack() // never panics
	})
}
