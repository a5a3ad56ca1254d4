package account

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc"
	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/web/webtest"
)

// scene is a passport with a provider, a second one and somebody worth being.
type scene struct {
	*site
	p, q   *oidctest.Provider
	clock  *clock
	victim Person
}

func newScene(t *testing.T) *scene {
	t.Helper()
	d := &scene{p: oidctest.New(t), q: oidctest.New(t)}
	d.site, d.clock = timed(t, d.p, d.q)
	d.victim = d.person("victim")
	return d
}

// arrive plays a whole sign-in at a provider as far as it goes.
func (d *scene) arrive(c *webtest.Client, id string, p *oidctest.Provider, spoil func(url.Values)) *webtest.Page {
	d.t.Helper()
	page := c.Get("/auth/" + id)
	if page.Status != http.StatusSeeOther {
		return page
	}
	back := p.Approve(d.t, page.Location())
	if spoil != nil {
		spoil(back)
	}
	return c.Get("/auth/" + id + "/callback?" + back.Encode())
}

func (d *scene) signIn(spoil func(url.Values)) *webtest.Page {
	return d.arrive(d.Client(), "uni", d.p, spoil)
}

// refused holds an act to the demand: a page to read with nothing of the provider's
// in it, nobody signed in, made or linked, and a line in the log.
func (d *scene) refused(status int, act func() *webtest.Page) {
	d.t.Helper()
	rows := func() [3]int {
		return [3]int{d.count("SELECT count(*) FROM session"), d.count("SELECT count(*) FROM person"), d.count("SELECT count(*) FROM identity")}
	}
	before, lines := rows(), d.audits()
	act().Is(status).Has("h1").SaysNot("<script>", "evil")
	if after := rows(); after != before {
		d.t.Errorf("sessions, people, identities: %v, before %v", after, before)
	}
	if d.audits() == lines {
		d.t.Error("nothing in the log")
	}
}

// audits counts the lines about sign-ins by providers that came to nothing.
func (d *scene) audits() int {
	text := d.Log.String()
	return strings.Count(text, "sign-in with a provider refused") + strings.Count(text, "sign-in provider does not answer")
}

// joins holds an act to the making of a new account.
func (d *scene) joins(handle string, act func() *webtest.Page) Person {
	d.t.Helper()
	act().Goes(home)
	p := d.named(handle)
	if p.ID == d.victim.ID || p.Admin() || d.sessionsOf(d.victim.ID) != 0 {
		d.t.Errorf("%+v, and %d sessions of the victim", p, d.sessionsOf(d.victim.ID))
	}
	return p
}

func (d *scene) refusedToken(status int) {
	d.t.Helper()
	d.refused(status, func() *webtest.Page { return d.signIn(nil) })
}

func discovered(name string, value any) func(*scene) {
	return func(d *scene) {
		d.p.Discovery = func(doc oidctest.JSON) { doc[name] = value }
		d.refusedToken(503)
	}
}

func called(status int, spoil func(url.Values)) func(*scene) {
	return func(d *scene) { d.refused(status, func() *webtest.Page { return d.signIn(spoil) }) }
}

func tokenAnswer(change func(oidctest.JSON)) func(*scene) {
	return func(d *scene) { d.p.Token = change; d.refusedToken(403) }
}

func padded(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for range size >> 20 {
			if _, err := w.Write([]byte(strings.Repeat(" ", 1<<20))); err != nil {
				return
			}
		}
	}
}

// oidcBehaviours are the behaviours of the collection, by name: what it says of
// them and how the double plays them.
var oidcBehaviours = map[string]struct {
	says string
	play func(*scene)
}{
	"own/01": {"discovery: http endpoints", plainEndpoints},
	"own/02": {"discovery: authorization_endpoint javascript:", discovered("authorization_endpoint", "javascript:alert(1)")},
	"own/03": {"discovery: jwks_uri loopback", func(d *scene) {
		inner := oidctest.New(d.t)
		discovered("jwks_uri", inner.Issuer+"/keys")(d)
		if inner.Count("/keys") != 0 {
			d.t.Error("it was asked")
		}
	}},
	"own/04": {"discovery 50 MB", func(d *scene) {
		d.p.Handle["/.well-known/openid-configuration"] = padded(50 << 20)
		d.refusedToken(503)
	}},
	"own/05": {"discovery redirects to another host", func(d *scene) {
		const path = "/.well-known/openid-configuration"
		d.p.Handle[path] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, d.q.Issuer+path, http.StatusFound) }
		d.refusedToken(503)
		if d.q.Count(path) != 0 {
			d.t.Error("it was followed")
		}
	}},
	"own/06": {"jwks: duplicate kid with different keys", duplicateKeys},
	"own/07": {"jwks: use=enc key", func(d *scene) {
		k := oidctest.PublicKey(d.p.Key(), "k")
		k["use"] = "enc"
		d.p.Keys = func() any { return oidctest.JSON{"keys": []any{k}} }
		d.refusedToken(403)
	}},
	"own/08": {"jwks: RSA 512 bit", shortKey},
	"own/09": {"jwks: oct key", secretKey},
	"own/10": {"jwks: empty", func(d *scene) {
		d.p.Keys = func() any { return oidctest.JSON{"keys": []any{}} }
		d.refusedToken(403)
	}},
	"own/11": {"jwks: changes at each fetch (rotation works, fetch flood capped)", changingKeys},
	"own/13": {"callback without state", called(403, func(q url.Values) { q.Del("state") })},
	"own/14": {"callback with state of another browser (login CSRF)", func(d *scene) {
		back := d.p.Approve(d.t, d.Client().Get("/auth/uni").Location())
		d.refused(403, func() *webtest.Page { return d.Client().Get("/auth/uni/callback?" + back.Encode()) })
	}},
	"own/16": {"callback state expired (11 min)", func(d *scene) {
		late := d.Client()
		back := d.p.Approve(d.t, late.Get("/auth/uni").Location())
		d.clock.add(11 * time.Minute)
		d.refused(403, func() *webtest.Page { return late.Get("/auth/uni/callback?" + back.Encode()) })
	}},
	"own/20": {"callback error=access_denied", called(403, func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") })},
	"own/21": {"callback error with HTML in error_description", called(403, func(q url.Values) {
		q.Set("error", "<script>evil</script>")
		q.Set("error_description", "<script>evil</script>")
	})},
	"own/22": {"callback by POST (form_post) cross-site", postedCallback},
	"own/23": {"callback with id_token in fragment", func(d *scene) {
		c := d.Client()
		back := d.p.Approve(d.t, c.Get("/auth/uni").Location())
		// A browser keeps a fragment to itself; a script that sends it as a query gets nobody in.
		d.refused(403, func() *webtest.Page { return c.Get("/auth/uni/callback#id_token=" + d.p.LogoutToken(nil)) })
		back.Del("code")
		back.Set("id_token", d.p.LogoutToken(nil))
		d.refused(403, func() *webtest.Page { return c.Get("/auth/uni/callback?" + back.Encode()) })
	}},
	"own/25": {"callback with 1 MB state", longState},
	"own/26": {"callback while already signed in as another user", func(d *scene) {
		c := d.signedIn(d.victim)
		d.refused(409, func() *webtest.Page { return d.arrive(c, "uni", d.p, nil) })
		c.Get("/settings/handle").Has(`input[value="victim"]`)
	}},
	"own/27": {"PKCE verifier missing at token endpoint is refused by IdP: our client always sends S256", exchangeProof},
	"own/28": {"token endpoint: no id_token", tokenAnswer(func(a oidctest.JSON) { delete(a, "id_token") })},
	"own/29": {"token endpoint: id_token of another session (nonce)", func(d *scene) {
		d.p.Claims = func(c oidctest.JSON) { c["nonce"] = "of-another-session" }
		d.refusedToken(403)
	}},
	"own/30": {"token endpoint: token_type mac", tokenAnswer(func(a oidctest.JSON) { a["token_type"] = "mac" })},
	"own/32": {"token endpoint: 10 MB", func(d *scene) { d.p.Handle["/token"] = padded(10 << 20); d.refusedToken(503) }},
	"own/34": {"token endpoint: refresh token returned", refreshToken},
	"own/35": {"userinfo: sub differs from id_token", func(d *scene) {
		d.p.Claims = func(c oidctest.JSON) { delete(c, "email") }
		d.p.UserInfo = func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"sub":"another","email":"victim@example.org","email_verified":true}`))
		}
		d.refusedToken(403)
	}},
	"own/38": {"userinfo: 401", func(d *scene) {
		d.p.Claims = func(c oidctest.JSON) { delete(c, "email") }
		d.p.UserInfo = func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }
		who := d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
		if got, err := d.accounts.Confirmed(d.t.Context(), d.Base.Read(), who.ID); err != nil || len(got) != 0 {
			d.t.Errorf("addresses: %v, %v", got, err)
		}
	}},
	"own/40": {"logout: post_logout_redirect_uri evil", func(d *scene) {
		for _, to := range []string{"https://evil.test", "//evil.test", "javascript:alert(1)"} {
			d.Client().Get("/auth/uni/signed-out?post_logout_redirect_uri=" + url.QueryEscape(to) + "&next=" + url.QueryEscape(to)).Goes("/")
		}
	}},
	"own/42": {"same email at two IdPs, unverified at one", func(d *scene) {
		ada := d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
		d.q.Person = oidctest.JSON{"sub": "other", "name": "Eve", "email": "ada@example.org", "email_verified": false}
		eve := d.joins("eve", func() *webtest.Page { return d.arrive(d.Client(), "club", d.q, nil) })
		got, err := d.accounts.Confirmed(d.t.Context(), d.Base.Read(), eve.ID)
		if err != nil || len(got) != 0 || d.sessionsOf(ada.ID) != 1 || ada.ID == eve.ID {
			d.t.Errorf("%v, %v", got, err)
		}
	}},
	"own/43": {"same email at two IdPs, verified at both (link only after sign-in to the first)", linkAfterSignIn},
	"own/49": {"issuer URL changed by the operator", changedIssuer},
	"own/50": {"username claim collides with an existing name", func(d *scene) {
		d.p.Person["preferred_username"] = "victim"
		d.joins("victim-2", func() *webtest.Page { return d.signIn(nil) })
	}},
	"own/51": {"username claim is reserved name", func(d *scene) {
		d.p.Person["preferred_username"] = "admin"
		d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
	}},
	"own/53": {"session fixation: session id before login kept after", func(d *scene) {
		c, attacker := d.Client(), d.Client()
		c.SetCookie("osier", "fixed-by-the-attacker")
		attacker.SetCookie("osier", "fixed-by-the-attacker")
		d.joins("ada-lovelace", func() *webtest.Page { return d.arrive(c, "uni", d.p, nil) })
		first := c.Cookie("osier")
		attacker.Get("/settings").Is(303)
		d.arrive(c, "uni", d.p, nil).Goes(home)
		attacker.SetCookie("osier", first)
		attacker.Get("/settings").Is(303)
		if second := c.Cookie("osier"); first == "fixed-by-the-attacker" || second == first {
			d.t.Error("the session kept its name")
		}
	}},
	"own/55": {"session stays valid after IdP unlink", func(d *scene) {
		d.p.Person["email"] = "work@x.test"
		ada, there := d.signedIn(d.person("ada")), d.Client()
		d.link(ada).Goes("/settings/security")
		d.arrive(there, "uni", d.p, nil).Goes(home)
		there.Get("/settings").Is(200)
		id := ada.Get("/settings/security").Attr(`form[action="/settings/security/identities"] input[name="id"]`, "value")
		ada.PostForm("/settings/security/identities", "id", id, "action", "unlink").Goes("/settings/security")
		there.Get("/settings").Is(303)
		ada.Get("/settings").Is(200)
	}},
	"own/58": {"open registration closed but OIDC creates user", func(d *scene) {
		if err := d.accounts.Change(d.t.Context(), Settings{Name: "River", Explore: true}); err != nil {
			d.t.Fatal(err)
		}
		d.refusedToken(403)
	}},
}

// link links the first provider to who is signed in.
func (d *scene) link(c *webtest.Client) *webtest.Page {
	d.t.Helper()
	to := strings.TrimPrefix(c.PostForm("/auth/uni", "purpose", "link").Is(200).Header.Get("Refresh"), "0; url=")
	return c.Get("/auth/uni/callback?" + d.p.Approve(d.t, to).Encode())
}

// plainEndpoints plays a provider that is protected, with an endpoint that is not.
func plainEndpoints(d *scene) {
	client := d.p.Behind("https://idp.test")
	conf := config.OIDC{
		ID: "uni", Name: "University", Issuer: d.p.Issuer, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Scopes: []string{"openid"},
	}
	fresh := func() {
		d.accounts.providers = oidc.New(oidc.Options{
			Providers: []config.OIDC{conf}, Client: client, Now: d.clock.time,
			Callback: func(id string) string { return d.App.URL("/auth/" + id + "/callback") },
		})
	}
	for _, endpoint := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"} {
		fresh()
		discovered(endpoint, "http://idp.test/"+endpoint)(d)
	}
	fresh()
	d.p.Discovery = nil
	d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
}

func duplicateKeys(d *scene) {
	decoy, foreign := oidctest.NewKey(d.t), oidctest.NewKey(d.t)
	d.p.Keys = func() any {
		return oidctest.JSON{"keys": []any{oidctest.PublicKey(decoy, "k"), oidctest.PublicKey(d.p.Key(), "k")}}
	}
	d.p.Sign = func(c oidctest.JSON) string { return oidctest.Sign(foreign, oidctest.JSON{"kid": "k"}, c) }
	d.refusedToken(403)
	d.p.Sign = nil
	d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
}

// unsigned is the text that a token of any algorithm signs.
func unsigned(t *testing.T, alg string, claims oidctest.JSON) string {
	t.Helper()
	var parts []string
	for _, v := range []any{oidctest.JSON{"alg": alg, "kid": "k"}, claims} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	return strings.Join(parts, ".")
}

// shortKey plays a provider that signs with a key of 512 bits, which the standard
// library would take here.
func shortKey(d *scene) {
	d.t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 512)
	if err != nil {
		d.t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	d.p.Keys = func() any {
		return oidctest.JSON{"keys": []any{oidctest.JSON{"kty": "RSA", "kid": "k", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}}
	}
	d.p.Sign = func(c oidctest.JSON) string {
		text := unsigned(d.t, "RS256", c)
		sum := sha256.Sum256([]byte(text))
		sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			d.t.Error(err)
		}
		return text + "." + b64(sig)
	}
	d.refusedToken(403)
}

// secretKey plays a provider whose set has a secret that signs.
func secretKey(d *scene) {
	secret, b64 := []byte(strings.Repeat("k", 32)), base64.RawURLEncoding.EncodeToString
	d.p.Discovery = func(doc oidctest.JSON) { doc["id_token_signing_alg_values_supported"] = []string{"HS256", "ES256"} }
	d.p.Keys = func() any {
		return oidctest.JSON{"keys": []any{oidctest.JSON{"kty": "oct", "kid": "k", "alg": "HS256", "use": "sig", "k": b64(secret)}}}
	}
	d.p.Sign = func(c oidctest.JSON) string {
		text := unsigned(d.t, "HS256", c)
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	}
	d.refusedToken(403)
}

func changingKeys(d *scene) {
	var key *ecdsa.PrivateKey
	turn := func() { key = oidctest.NewKey(d.t) }
	turn()
	d.p.Keys = func() any { return oidctest.JSON{"keys": []any{oidctest.PublicKey(key, "k")}} }
	d.p.Sign = func(c oidctest.JSON) string { return oidctest.Sign(key, oidctest.JSON{"kid": "k"}, c) }
	d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
	turn()
	d.signIn(nil).Goes(home)
	foreign := oidctest.NewKey(d.t)
	d.p.Keys = func() any { turn(); return oidctest.JSON{"keys": []any{oidctest.PublicKey(key, "k")}} }
	d.p.Sign = func(c oidctest.JSON) string { return oidctest.Sign(foreign, oidctest.JSON{"kid": "k"}, c) }
	for range 20 {
		if page := d.signIn(nil); page.Status != 403 && page.Status != 503 {
			page.Is(403)
		}
	}
	if n := d.p.Count("/keys"); n > 6 {
		d.t.Errorf("the keys were fetched %d times", n)
	}
}

// postedCallback: there is no such route, so the frame answers and no line is written.
func postedCallback(d *scene) {
	c := d.Client()
	back := d.p.Approve(d.t, c.Get("/auth/uni").Location())
	page := c.With("Origin", d.p.Issuer).Post("/auth/uni/callback", "application/x-www-form-urlencoded", back.Encode())
	page.Is(405).Has("h1")
	if n := d.count("SELECT count(*) FROM session"); n != 0 || d.p.Count("/token") != 0 {
		d.t.Errorf("%d sessions", n)
	}
}

// longState: what does not fit into a request is refused by the frame,
// without a line, the rest here.
func longState(d *scene) {
	called(403, func(q url.Values) { q.Set("state", strings.Repeat("a", 10_000)) })(d)
	page := d.signIn(func(q url.Values) { q.Set("state", strings.Repeat("a", 1<<20)) })
	if page.Status != http.StatusRequestHeaderFieldsTooLarge && page.Status != http.StatusRequestURITooLong {
		page.Is(http.StatusRequestHeaderFieldsTooLarge)
	}
	if n := d.count("SELECT count(*) FROM session"); n != 0 {
		d.t.Errorf("%d sessions", n)
	}
}

func exchangeProof(d *scene) {
	var sent url.Values
	to, err := url.Parse(d.Client().Get("/auth/uni").Location())
	if err != nil || to.Query().Get("code_challenge_method") != "S256" || len(to.Query().Get("code_challenge")) != 43 {
		d.t.Errorf("%s, %v", to, err)
	}
	d.p.Handle["/token"] = func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sent = r.PostForm
		w.WriteHeader(http.StatusBadRequest)
	}
	d.refusedToken(403)
	if len(sent.Get("code_verifier")) < 43 {
		d.t.Errorf("sent %v", sent)
	}
	// The double refuses a code without its verifier.
	delete(d.p.Handle, "/token")
	back := d.p.Approve(d.t, d.Client().Get("/auth/uni").Location())
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.p.Issuer+"/token", strings.NewReader(back.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(oidctest.ClientID, oidctest.ClientSecret)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		d.t.Errorf("the double answers %d", answer.StatusCode)
	}
}

// refreshToken: a token that nobody asked for is neither kept nor logged.
func refreshToken(d *scene) {
	const marker = "refresh-token-marker"
	d.p.Token = func(a oidctest.JSON) { a["refresh_token"] = marker }
	c := d.Client()
	d.joins("ada-lovelace", func() *webtest.Page { return d.arrive(c, "uni", d.p, nil) })
	if strings.Contains(d.Log.String(), marker) {
		d.t.Error("logged")
	}
	rows, err := d.Base.Read().Query(d.t.Context(), `SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.sql NOT LIKE '%VIRTUAL%'`)
	if err != nil {
		d.t.Fatal(err)
	}
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			d.t.Fatal(err)
		}
		columns = append(columns, c)
	}
	rows.Close()
	for _, c := range columns {
		if d.count(`SELECT count(*) FROM "`+c[0]+`" WHERE instr(CAST("`+c[1]+`" AS TEXT), $1) > 0`, marker) != 0 {
			d.t.Errorf("kept in %v", c)
		}
	}
	if len(columns) < 50 {
		d.t.Errorf("only %d columns were looked at", len(columns))
	}
}

func linkAfterSignIn(d *scene) {
	d.p.Person["email"] = "victim@example.org"
	d.refusedToken(409)
	c := d.signedIn(d.victim)
	d.link(c).Goes("/settings/security")
	d.q.Person = oidctest.JSON{"sub": "other", "name": "Eve", "email": "victim@example.org", "email_verified": true}
	d.refused(409, func() *webtest.Page { return d.arrive(d.Client(), "club", d.q, nil) })
	d.signIn(nil).Goes(home)
	if n := d.sessionsOf(d.victim.ID); n != 2 {
		d.t.Errorf("%d sessions of the first", n)
	}
}

// changedIssuer: the same subject at another issuer is somebody else until they
// have signed in and linked it (OpenID Connect Core 1.0 §5.7).
func changedIssuer(d *scene) {
	ada := d.joins("ada-lovelace", func() *webtest.Page { return d.signIn(nil) })
	moved := &scene{site: serveWith(d.t, d.Base, nil, d.q), p: d.q, clock: d.clock, victim: d.victim}
	moved.refusedToken(409) // the address is Ada's
	d.q.Person["email"] = "new@example.org"
	who := moved.joins("ada-lovelace-2", func() *webtest.Page { return moved.signIn(nil) })
	if who.ID == ada.ID || moved.sessionsOf(ada.ID) != 1 {
		d.t.Error("the subject of another issuer is taken for Ada")
	}
}

// TestBehavioursOfASharedCollection plays each behaviour of a provider or a browser
// that the collection of hostile cases names.
func TestBehavioursOfASharedCollection(t *testing.T) {
	list := namedCases(t, "oidc")
	met := 0
	for _, c := range list {
		b, known := oidcBehaviours[c.Name]
		if !known || b.says != c.Text {
			t.Errorf("%s: nothing plays %q", c.Name, c.Text)
			continue
		}
		if t.Run(strings.ReplaceAll(c.Name+" "+c.Text, "/", " "), func(t *testing.T) {
			b.play(newScene(t))
		}) {
			met++
		}
	}
	if len(list) != len(oidcBehaviours) {
		t.Errorf("%d behaviours are played, the collection has %d", len(oidcBehaviours), len(list))
	}
	t.Logf("%d behaviours: %d met", len(list), met)
}

type namedCase struct{ Name, Text string }

// namedCases are the cases of one surface with the text of each; "" where it is no text.
func namedCases(t *testing.T, surface string) []namedCase {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		t.Skip("no shared test data")
	}
	defer f.Close()
	var list []namedCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct {
			Surface, Name string
			Value         any
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface == surface {
			text, _ := c.Value.(string)
			list = append(list, namedCase{c.Name, text})
		}
	}
	if err := lines.Err(); err != nil || len(list) == 0 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	return list
}

// TestClaimsOfASharedCollection signs in with the claims of those tokens of the
// collection that are a provider's own: nobody becomes the victim by them.
func TestClaimsOfASharedCollection(t *testing.T) {
	kinds := []string{"email_", "name_", "picture_", "groups_", "acr_"}
	ran := 0
	for _, c := range namedCases(t, "jwt") {
		if !slices.ContainsFunc(kinds, func(k string) bool { return strings.HasPrefix(c.Name, "own/claim_"+k) }) {
			continue
		}
		ran++
		t.Run(strings.TrimPrefix(c.Name, "own/"), func(t *testing.T) {
			text, err := base64.RawURLEncoding.DecodeString(strings.Split(c.Text, ".")[1])
			if err != nil {
				t.Fatal(err)
			}
			claims := oidctest.JSON{}
			if err := json.Unmarshal(text, &claims); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"iss", "aud", "iat", "exp", "nbf", "nonce"} {
				delete(claims, name)
			}
			signInWith(t, claims)
			delete(claims, "email")
			signInWith(t, claims)
		})
	}
	if ran < 10 {
		t.Errorf("only %d", ran)
	}
	t.Logf("%d sets of claims", ran)
}

func signInWith(t *testing.T, claims oidctest.JSON) {
	t.Helper()
	p := oidctest.New(t)
	s := serve(t, dbtest.Open(t, nil), p)
	victim, err := s.accounts.CreatePerson(t.Context(), NewPerson{Name: "Victim", Handle: "victim", Address: "victim@test.invalid", Password: password}, true)
	if err != nil {
		t.Fatal(err)
	}
	p.Person = claims
	if page := through(t, s.Client(), p, nil); page.Status != 409 {
		page.Goes(home)
	}
	got, err := s.accounts.Confirmed(t.Context(), s.Base.Read(), victim.ID)
	if err != nil || len(got) != 1 || s.sessionsOf(victim.ID) != 0 {
		t.Errorf("the victim: %v, %v, %d sessions", got, err, s.sessionsOf(victim.ID))
	}
	if s.count("SELECT count(*) FROM person WHERE role <> 'member' OR name LIKE '%' || char(8238) || '%' OR instr(name, char(0)) > 0") != 0 {
		t.Error("a claim gave rights, or a name that is none")
	}
}
