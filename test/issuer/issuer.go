// Package issuer is an organisation that gives real Open Badges and publishes
// on loopback what verifiers ask for: an OB 2.0 issuer over http, an OB 3.0
// issuer with a key set over https, and one that is its own key (did:key).
//
// It owns no table. The tests in test/e2e and test/kill9 call it.
package issuer

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// Issuer gives badges.
type Issuer struct {
	http, https *httptest.Server
	folder      string

	rsa, ed issue.Key
	mu      sync.Mutex
	docs    map[string]document
	latency time.Duration
}

type document struct {
	mime string
	body []byte
}

const (
	profilePath = "/profile.json"
	keyPath     = "/keys/1.json"
	keySetPath  = "/.well-known/jwks.json"
	aboutPath   = "/issuer"
	keyName     = "key-1"
)

// Start publishes an issuer until the test ends.
func Start(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{docs: map[string]document{}, folder: t.TempDir()}
	var err error
	if i.rsa, err = issue.NewRSA(); err != nil {
		t.Fatal(err)
	}
	if i.ed, err = issue.NewEd25519(); err != nil {
		t.Fatal(err)
	}
	i.http = httptest.NewServer(http.HandlerFunc(i.answer))
	i.https = httptest.NewTLSServer(http.HandlerFunc(i.answer))
	t.Cleanup(i.http.Close)
	t.Cleanup(i.https.Close)
	if err := i.publish(); err != nil {
		t.Fatal(err)
	}
	return i
}

// SetLatency makes the issuer as slow as one far away.
func (i *Issuer) SetLatency(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.latency = d
}

// Hosts are the hosts and ports to put into fetch.allow.
func (i *Issuer) Hosts() []string { return []string{host(i.http.URL), host(i.https.URL)} }

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// Env makes a program trust the issuer's certificate.
func (i *Issuer) Env() []string {
	return []string{"SSL_CERT_FILE=" + filepath.Join(i.folder, "authority.pem")}
}

func (i *Issuer) answer(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	d, ok := i.docs[r.URL.Path]
	latency := i.latency
	i.mu.Unlock()
	select {
	case <-time.After(latency):
	case <-r.Context().Done():
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", d.mime)
	w.Write(d.body) //nolint:errcheck // a reader that went away
}

func (i *Issuer) put(path, mime string, body []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.docs[path] = document{mime, body}
}

// publish writes the documents that do not depend on a badge.
func (i *Issuer) publish() error {
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.https.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(i.folder, "authority.pem"), authority, 0o600); err != nil {
		return err
	}
	profile, err := issue.JSON(issue.Profile2(i.school(), i.http.URL+keyPath))
	if err != nil {
		return err
	}
	key, err := i.rsa.CryptographicKey(i.http.URL+keyPath, i.school().ID)
	if err != nil {
		return err
	}
	set, err := issue.KeySet(i.academy().ID, map[string]issue.Key{keyName: i.rsa})
	if err != nil {
		return err
	}
	about, err := issue.ControllerDocument(i.academy().ID, map[string]issue.Key{keyName: i.rsa})
	if err != nil {
		return err
	}
	for path, body := range map[string][]byte{profilePath: profile, keyPath: key, keySetPath: set, aboutPath: about} {
		i.put(path, "application/json", body)
	}
	return nil
}

// school is the OB 2.0 issuer.
func (i *Issuer) school() openbadge.Issuer {
	return openbadge.Issuer{
		ID: i.http.URL + profilePath, Name: "Harbour School", URL: i.http.URL, Email: "school@issuer.example",
		Description: "A school at the harbour.",
	}
}

// academy is the OB 3.0 issuer with an address.
func (i *Issuer) academy() openbadge.Issuer {
	return openbadge.Issuer{ID: i.https.URL + aboutPath, Name: "Hill Academy", URL: i.https.URL, Description: "An academy on the hill."}
}

// guild is the OB 3.0 issuer that is its own key.
func (i *Issuer) guild() openbadge.Issuer {
	return openbadge.Issuer{ID: i.ed.DIDKey(), Name: "Weavers' Guild", URL: i.http.URL, Description: "A guild of weavers."}
}

// badge is what all kinds have in common. The name makes it distinct.
func (i *Issuer) badge(by openbadge.Issuer, name, address string) openbadge.Credential {
	slug := strings.ReplaceAll(strings.ToLower(name), " ", "-")
	i.put("/art/"+slug+".png", "image/png", Picture(slug))
	base := i.http.URL
	return openbadge.Credential{
		ID:   base + "/assertions/" + slug + "-" + strings.ReplaceAll(address, "@", "-at-") + ".json",
		Name: name, Description: "Shows " + strings.ToLower(name) + " in practice.", Language: "en",
		AchievementID: base + "/classes/" + slug + ".json", CriteriaID: base + "/criteria/" + slug,
		CriteriaText: "Do it **three times** and show it.", Image: base + "/art/" + slug + ".png", Issuer: by,
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: address}}},
		IssuedOn:  time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), Expires: time.Date(2036, 3, 14, 9, 0, 0, 0, time.UTC),
		Tags: []string{"craft"},
	}
}

// Hosted publishes an OB 2.0 badge and gives its address.
func (i *Issuer) Hosted(t testing.TB, name, address string) string {
	t.Helper()
	b := i.badge(i.school(), name, address)
	h, err := issue.Hosted2(b)
	if err != nil {
		t.Fatal(err)
	}
	i.put(path(b.ID), "application/json", h.Assertion)
	i.put(path(b.AchievementID), "application/json", h.Class)
	return b.ID
}

// HostedFile publishes an OB 2.0 badge and gives its document, which counts only
// once its address was asked.
func (i *Issuer) HostedFile(t testing.TB, name, address string) []byte {
	t.Helper()
	at := i.Hosted(t, name, address)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.docs[path(at)].body
}

// Signed makes an OB 2.0 badge as a JWS.
func (i *Issuer) Signed(t testing.TB, name, address string) []byte {
	t.Helper()
	b := i.badge(i.school(), name, address)
	h, err := issue.Hosted2(b)
	if err != nil {
		t.Fatal(err)
	}
	i.put(path(b.AchievementID), "application/json", h.Class)
	token, err := i.rsa.Signed2(b, i.http.URL+keyPath)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Embedded makes an OB 3.0 badge with an embedded proof; vc is "1.1" or "2.0".
// It needs no network to be verified, but has art on it.
func (i *Issuer) Embedded(t testing.TB, vc, name, address string) []byte {
	t.Helper()
	b := i.badge(i.guild(), name, address)
	b.VCVersion = vc
	b.ID = "urn:uuid:" + uuid(name+address)
	out, err := i.ed.Embed(t.Context(), issue.Credential3(b), issue.Proof{
		Method: i.ed.DIDKey() + "#" + i.ed.Multibase(), Created: b.IssuedOn,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Token makes an OB 3.0 badge as a VC-JWT signed with RS256.
func (i *Issuer) Token(t testing.TB, name, address string) []byte {
	t.Helper()
	b := i.badge(i.academy(), name, address)
	b.VCVersion = "2.0"
	b.ID = "urn:uuid:" + uuid(name+address)
	out, err := i.rsa.Token(issue.Credential3(b), map[string]any{"kid": keyName})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// PNG bakes an OB 3.0 badge into its art.
func (i *Issuer) PNG(t testing.TB, name, address string) []byte {
	t.Helper()
	out, err := bake.PNG(Picture(name), "3.0", i.Embedded(t, "2.0", name, address))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// SVG bakes an OB 3.0 badge into a drawing.
func (i *Issuer) SVG(t testing.TB, name, address string) []byte {
	t.Helper()
	drawing := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="46" fill="#264653"/><path d="M50 18l9 20 22 2-17 14 6 22-20-12-20 12 6-22-17-14 22-2z" fill="#e9c46a"/></svg>`
	out, err := bake.SVG([]byte(drawing), "3.0", i.Embedded(t, "2.0", name, address), "")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func path(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "/"
	}
	return u.Path
}

// Picture draws a badge: a disc in a colour that the name makes.
func Picture(name string) []byte {
	const side = 200
	sum := digest(name)
	main := color.NRGBA{R: 40 + sum[0]%160, G: 40 + sum[1]%160, B: 40 + sum[2]%160, A: 255}
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := x-side/2, y-side/2
			switch d := dx*dx + dy*dy; {
			case d < 60*60:
				img.SetNRGBA(x, y, color.NRGBA{R: 250, G: 240, B: 220, A: 255})
			case d < 95*95:
				img.SetNRGBA(x, y, main)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(fmt.Sprint("draw a picture: ", err))
	}
	return out.Bytes()
}
