package core

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
)

// TestSessionsAreOurs: a session that a browser brings is not taken up, signing in
// gives another, and signing out ends it on the server.
func TestSessionsAreOurs(t *testing.T) {
	p := startPassport(t, options{})
	const password = "a long enough one"
	signup := p.visitor()
	signup.setCookie("osier", strings.Repeat("A", 43))
	signup.get("/login").is(t, 200)
	if signup.cookie("osier") != "" {
		t.Error("an unknown session stays in the browser")
	}
	signup.setCookie("osier", strings.Repeat("B", 43))
	form := "csrf=" + signup.get("/signup").attribute(t, `input[name="csrf"]`, "value") + "&name=Ada&handle=ada&address=ada@people.test&password=" + strings.ReplaceAll(password, " ", "+")
	signup.setCookie("osier", strings.Repeat("A", 43))
	signup.send("POST", "/signup", "application/x-www-form-urlencoded", []byte(form)).is(t, 303)
	first := signup.cookie("osier")
	v := p.visitor()
	v.setCookie("osier", first)
	v.get("/settings").is(t, 200)
	v.post("/login/fresh", "password", password).is(t, 303)
	second := v.cookie("osier")
	v.post("/settings/security/password", "password", "another long one").is(t, 303)
	third := v.cookie("osier")
	if first == second || second == third || first == strings.Repeat("A", 43) || len(first) != 43 {
		t.Errorf("sessions %q, %q, %q", first, second, third)
	}
	signup.get("/settings").is(t, 303)
	old := p.visitor()
	for _, token := range []string{first, second, strings.Repeat("A", 43), third + "x", strings.ToUpper(third), "", strings.Repeat("A", 5000)} {
		old.setCookie("osier", token)
		old.get("/settings").is(t, 303)
	}
	v.post("/logout").is(t, 303)
	old.setCookie("osier", third)
	old.get("/settings").is(t, 303)
	for _, row := range p.rows("session") {
		for _, token := range []string{first, second, third} {
			if strings.Contains(row, token) {
				t.Error("a token is stored as it is")
			}
		}
	}
}

// TestCookies: they are ours alone, and bound to the host where there is HTTPS.
func TestCookies(t *testing.T) {
	for _, url := range []string{"", "https://passport.test"} {
		p := startPassport(t, options{}, func(c *config.Config) { c.PublicURL = url })
		prefix := "osier"
		if url != "" {
			prefix, p.url = "__Host-osier", "http://passport.test"
		}
		v := p.visitor()
		for _, a := range []answer{
			v.get("/login"), v.send("POST", "/signup", "", nil, "Origin", "https://evil.test"), v.get("/auth/none/callback?state=01234567"), v.get("/settings"),
		} {
			for _, c := range a.header.Values("Set-Cookie") {
				ok := strings.HasPrefix(c, prefix) && strings.Contains(c, "HttpOnly") && strings.Contains(c, "SameSite=Lax") && strings.Contains(strings.ToLower(c), "path=/") &&
					!strings.Contains(strings.ToLower(c), "domain=") && (url == "" || strings.Contains(strings.ToLower(c), "secure"))
				if !ok {
					t.Errorf("%s sets %s", a.name, c)
				}
			}
			if got := a.header.Get("Strict-Transport-Security"); (got != "") != (url != "") {
				t.Errorf("%s: Strict-Transport-Security %q", a.name, got)
			}
		}
	}
}

// TestGuessesAreCounted: spelling a name in another way gives no more tries, nor
// does another address in X-Forwarded-For that nobody trusts; and who guesses
// does not keep the person out.
func TestGuessesAreCounted(t *testing.T) {
	p := startPassport(t, options{})
	p.visitor().post("/signup", "name", "Ada", "handle", "ada", "address", "ada@people.test", "password", "a long enough one").is(t, 303)
	spellings := []string{"ada", "ADA", " ada", "ada ", "@ada", "\tada", "  @Ada  ", "\u00a0ada"}
	last := 0
	guesser := p.visitor()
	for i := range 30 {
		a := guesser.post("/login", "address", strings.Repeat(" ", i/8)+spellings[i%len(spellings)], "password", fmt.Sprint("guess number ", i))
		last = a.status
	}
	if last != 429 {
		t.Errorf("guess 30 is answered with %d", last)
	}
	p.visitor().post("/login", "address", "ada", "password", "a long enough one").is(t, 303) // nobody keeps her out
	asker := p.visitor()
	for i := range 8 {
		a := asker.post("/reset", "address", []string{"eve@people.test", "EVE@people.test", "eve@PEOPLE.test"}[i%3])
		last = a.status
	}
	if last != 429 {
		t.Errorf("mail 8 is answered with %d", last)
	}
	p.visitor().post("/reset", "address", "eve@people.test").is(t, 200) // nobody learns what others ask for
	p = startPassport(t, options{}, func(c *config.Config) { c.TrustedProxies = nil })
	for range 55 {
		a := p.visitor().post("/login", "address", uuid(), "password", "x")
		last = a.status
	}
	if last != 429 {
		t.Errorf("guess 55 from one network is answered with %d", last)
	}
}
