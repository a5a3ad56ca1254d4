package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// institution is a passport that two providers sign people in to: a college, by two
// names, and a laboratory.
type institution struct {
	*server.Server

	college *college
	lab     *provider
	options server.Options
	browser *browser.Browser
	bo      *browser.Tab
}

// TestInstitution signs in, connects and signs out with real providers as an
// institution would: who may come, groups that make administrators, a second
// provider, sign-out at both ends by either, and one provider alone.
func TestInstitution(t *testing.T) {
	b := browser.Start(t, shots())
	at := server.FreeAddress(t)
	i := &institution{browser: b, lab: startProvider(t, &storage.User{ID: "sub-at-the-lab", Username: "weaver", FirstName: "B.", LastName: "Weaver", Email: "weaver@lab.example", EmailVerified: true})}
	_, port, _ := strings.Cut(at, ":")
	i.college = startCollege(t, "http://localhost:"+port, map[string]claims{
		"bo":  known("Bo Weaver", "bo@college.example", "staff", "badge-team"),
		"eve": known("Eve Else", "eve@elsewhere.example", "students"),
	})
	i.options = server.Options{Dir: t.TempDir(), Listen: at, Config: i.config(t, "")}
	i.Server = server.Start(t, i.options)
	i.lab.register(i.URL, "lab")
	i.bo = b.Person(t, i.URL)

	i.setUp(b.Person(t, i.URL))
	i.strangers(t)
	i.administrator()
	i.second()
	i.signOut()
	lab, phone := b.Person(t, i.URL), b.Person(t, i.URL)
	i.byTheLab(lab)
	i.fromElsewhere(phone)
	i.alone(t, lab, phone)
}

// setUp makes the administrator without whom nobody may join.
func (i *institution) setUp(tab *browser.Tab) {
	tab.Open(i.Setup)
	for field, value := range map[string]string{"site": "Willow Passport", "name": root.name, "handle": root.handle, "address": root.address, "password": password} {
		tab.Fill(field, value)
	}
	tab.Press("main button[type=submit]")
	tab.At("/badges")
}

func known(name, address string, groups ...string) claims {
	return claims{"name": name, "preferred_username": strings.ToLower(strings.Fields(name)[0]), "email": address, "email_verified": true, "groups": groups}
}

func (i *institution) config(t *testing.T, only string) string {
	t.Helper()
	var hosts []string
	for _, issuer := range []string{i.college.issuer, i.lab.issuer} {
		u, err := url.Parse(issuer)
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, u.Host)
	}
	return "[sign_in]\nonly = \"" + only + "\"\n[fetch]\nallow = [\"" + strings.Join(hosts, `", "`) + "\"]\n" + i.college.config() + i.lab.config("lab", "Lab")
}

// strangers: who breaks off, is of another domain or in no group of those gets no
// account and reads why.
func (i *institution) strangers(t *testing.T) {
	tab := i.browser.Person(t, i.URL)
	tab.Allow("403", "404")
	tab.Open("/login")
	tab.Press("main a", "Willow College")
	tab.Press(".login-help a", "Cancel")
	tab.Reads("You did not agree at Willow College")
	for _, button := range []string{"Willow College", "Staff Room"} {
		i.college.come(tab, button, "eve")
		if tab.Status() != 403 {
			t.Errorf("Eve comes in by %s: %d at %s", button, tab.Status(), tab.Location())
		}
	}
	tab.Shot("institution-refused")
	tab.Open("/settings")
	tab.At("/login")
}

// administrator: the groups of the provider give the role, and take it.
func (i *institution) administrator() {
	i.bo.Allow("403", "404")
	i.college.come(i.bo, "Staff Room", "bo")
	i.bo.Open("/admin")
	i.bo.At("/admin")
	if i.bo.Status() != 200 {
		i.bo.T.Errorf("a member of the group is no administrator: %d", i.bo.Status())
	}
	i.bo.Open("/settings/emails")
	i.bo.Reads("bo@college.example")
	if i.bo.Count("main .tag-ok") != 1 {
		i.bo.T.Error("the address that the college vouches for does not count")
	}
}

// second: another provider is connected by who is signed in and has just signed in
// anew, with another address and another name there.
func (i *institution) second() {
	link := func() { i.bo.Press(`form[action="/auth/lab"] button`) }
	i.bo.Open("/settings/security")
	link()
	i.bo.At("/login/fresh")
	i.bo.Press("main a", "Staff Room")
	if i.bo.Count("input[name=login]") == 0 {
		i.bo.T.Errorf("the college is not asked for a fresh sign-in: %s", i.bo.Location())
	}
	i.college.pass(i.bo, "bo")
	i.bo.At("/settings/security")
	link()
	i.atTheLab(i.bo)
	i.bo.At("/settings/security")
	i.bo.Reads("weaver@lab.example")
	i.bo.Shot("institution-two-providers")
}

func (i *institution) atTheLab(tab *browser.Tab) {
	tab.T.Helper()
	tab.Until("location.origin === "+quoted(i.lab.issuer), "the lab")
	tab.Type("#username", "weaver")
	tab.Type("#password", providerPassword)
	tab.Press("button[type=submit]")
	tab.Until("location.origin === "+quoted(i.URL), "the way back from the lab")
}

// signOut: whoever signs out here signs out at the provider, and comes back.
func (i *institution) signOut() {
	i.bo.Open("/settings")
	i.bo.Go(func() { browser.Eval[bool](i.bo, `(document.querySelector('form[action="/logout"]').submit(), true)`) })
	i.bo.Until("location.origin === "+quoted(i.college.issuer), "the sign-out at the college")
	i.bo.Press("button[name=logout]")
	i.bo.Until("location.href === "+quoted(i.URL+"/"), "the way back from the sign-out")
	i.bo.Reads("You are signed out, here and at Staff Room.")
	i.bo.Open("/settings")
	i.bo.At("/login")
	i.bo.Open("/auth/staff")
	if i.bo.Count("input[name=login]") == 0 {
		i.bo.T.Errorf("still signed in at the college: %s", i.bo.Location())
	}
}

// byTheLab: the second provider signs the same person in. A role is of the provider
// that gave it, and ends when the group does.
func (i *institution) byTheLab(tab *browser.Tab) {
	tab.Allow("403", "404")
	tab.Open("/login")
	tab.Press("main a", "Lab")
	i.atTheLab(tab)
	tab.Open("/settings/emails")
	tab.Reads("bo@college.example", "weaver@lab.example")

	i.college.tell(map[string]claims{"bo": known("Bo Weaver", "bo@college.example", "staff")})
	i.college.come(i.bo, "Staff Room", "bo")
	i.bo.Open("/admin")
	if i.bo.Status() < 400 {
		i.bo.T.Error("the role outlives the group")
	}
}

// fromElsewhere: a session that ends at the college ends here, and no other.
func (i *institution) fromElsewhere(phone *browser.Tab) {
	i.college.come(phone, "Staff Room", "bo")
	i.bo.Open("/settings/security")
	i.bo.Reads("Sign-in")
	i.bo.Open(i.college.issuer + "/session/end")
	i.bo.Press("button[name=logout]")
	i.bo.Open("/settings/security")
	i.bo.At("/login")
	phone.Open("/settings/security")
	phone.At("/settings/security")
}

// alone: with one provider alone the others are neither shown nor let in, a session
// of theirs rests, and the session of that one goes on.
func (i *institution) alone(t *testing.T, lab, staff *browser.Tab) {
	i.Stop(t)
	i.options.Config = i.config(t, "staff")
	i.Server = server.Start(t, i.options)

	staff.Open("/settings/security")
	staff.At("/settings/security")
	for _, page := range []string{"/settings", "/signup"} {
		lab.Open(page)
		if text := lab.Text("main"); !strings.Contains(text, "Staff Room") || strings.Contains(text, "Lab") || strings.Contains(text, "Willow College") || lab.Count("main input:not([type=hidden])") > 0 {
			t.Errorf("%s offers other ways in:\n%s", page, text)
		}
	}
	lab.Shot("institution-alone")
	for _, path := range []string{"/auth/lab", "/reset", "/login/link", "/login/recovery"} {
		if status, _ := lab.Get(path); status != 403 && status != 404 {
			t.Errorf("%s answers %d", path, status)
		}
	}
}
