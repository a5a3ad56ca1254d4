package account

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/account/oidc/oidctest"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web/webtest"
)

// open says who may join.
func (s *site) open(joining string, change ...func(*Settings)) {
	s.t.Helper()
	settings := Settings{Name: "River", Explore: true, Joining: joining}
	for _, c := range change {
		c(&settings)
	}
	if err := s.accounts.Change(s.t.Context(), settings); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) admin(handle string) Person {
	s.t.Helper()
	s.person(handle)
	if err := s.accounts.MakeAdmin(s.t.Context(), handle); err != nil {
		s.t.Fatal(err)
	}
	return s.named(handle)
}

func signup(c *webtest.Client, handle string, more ...string) *webtest.Page {
	return c.PostForm("/signup", append([]string{
		"name", "Somebody", "handle", handle, "address", handle + "@example.org", "password", password,
	}, more...)...)
}

func TestWhoMayJoin(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.admin("boss")
		for joining, want := range map[string]struct {
			form, post int
			says       string
		}{
			JoinOpen:    {200, 303, "Create my passport"},
			JoinInvited: {403, 403, "You need an invitation"},
			JoinClosed:  {403, 403, "Nobody joins at the moment"},
		} {
			s.open(joining)
			s.Client().Get("/signup").Is(want.form).Says(want.says)
			signup(s.Client(), "new-"+joining).Is(want.post)
			s.Client().Get("/signup?invite=none").Is(map[string]int{JoinOpen: 200, JoinInvited: 410, JoinClosed: 403}[joining])
		}
		if n := s.count("SELECT count(*) FROM person"); n != 2 {
			t.Errorf("%d people", n)
		}
	})
}

var inviteLinks = regexp.MustCompile(`/invite/([A-Za-z0-9_-]+)`)

// invited makes an invitation on the page for it and gives its secret.
func invited(t *testing.T, c *webtest.Client, path, back string, uses, days string) string {
	t.Helper()
	c.PostForm(path, "note", "For the oarsmen", "uses", uses, "days", days).Goes(back)
	page := c.Get(strings.TrimSuffix(back, "#invitations")).Is(200)
	found := inviteLinks.FindStringSubmatch(string(page.Body))
	if found == nil {
		t.Fatal("the link is not shown")
	}
	c.Get(strings.TrimSuffix(back, "#invitations")).SaysNot(found[1]).Says("For the oarsmen")
	return found[1]
}

func TestAnInvitation(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := s.signedIn(s.admin("boss"))
		s.open(JoinInvited)
		token := invited(t, root, "/admin/joining/invitations", "/admin/joining#invitations", "2", "14")
		if n := s.count("SELECT count(*) FROM invitation WHERE secret_hash = $1", []byte(token)); n != 0 {
			t.Error("the secret is kept in clear")
		}
		root.Get("/invite/" + token).Goes(home)
		s.Client().Get("/invite/" + token).Is(200).Says("The boss invites you").Has(`input[name="invite"][value="` + token + `"]`)
		signup(s.Client(), "x", "invite", token).Is(422) // a mistake uses nothing up
		one, two := s.Client(), s.Client()
		signup(one, "one", "invite", token).Goes(home)
		signup(two, "two", "invite", token).Goes(home)
		s.Client().Get("/invite/" + token).Is(410).Says("does not work any more")
		signup(s.Client(), "three", "invite", token).Is(410)
		root.Get("/admin/joining").Says("2 of 2 people came", "@one", "@two", "Used up")
		s.Client().Get("/invite/none").Is(410)

		// Taken back.
		token = invited(t, root, "/admin/joining/invitations", "/admin/joining#invitations", "5", "14")
		id := root.Get("/admin/joining").Attr(`form[action="/admin/joining/invitations/end"] button`, "value")
		root.PostForm("/admin/joining/invitations/end", "id", id).Goes("/admin/joining#invitations")
		signup(s.Client(), "four", "invite", token).Is(410)
		root.PostForm("/admin/joining/invitations/end", "id", id).Is(404)

		// Nobody joins where nobody may, and links of who has gone are no use.
		token = invited(t, root, "/admin/joining/invitations", "/admin/joining#invitations", "5", "14")
		s.open(JoinClosed)
		s.Client().Get("/invite/" + token).Is(403)
		signup(s.Client(), "five", "invite", token).Is(403)
		s.open(JoinInvited)
		if err := s.accounts.SetDisabled(t.Context(), s.named("boss").Handle, true); err != nil {
			t.Fatal(err)
		}
		signup(s.Client(), "six", "invite", token).Is(410)
		if n := s.count("SELECT count(*) FROM person"); n != 3 {
			t.Errorf("%d people", n)
		}
	})
}

func TestAnInvitationLetsInAsManyAsItSays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := s.admin("boss")
		s.open(JoinInvited)
		token, err := s.accounts.Invite(t.Context(), root.ID, NewInvitation{Uses: 3, Days: 1})
		if err != nil {
			t.Fatal(err)
		}
		won, lost := atOnce(8, func(i int) error {
			h := "p" + string(rune('a'+i))
			_, err := s.accounts.SignUp(t.Context(), NewPerson{Name: h, Handle: h + "x", Address: h + "@x.test", Password: password, Invite: token})
			return err
		})
		if n := s.count("SELECT count(*) FROM invitation_use"); won != 3 || n != 3 {
			t.Errorf("%d won, %d counted, %v", won, n, lost)
		}
	})
}

func TestAnInvitationEnds(t *testing.T) {
	s, clock := timed(t)
	root := s.admin("boss")
	s.open(JoinInvited)
	token, err := s.accounts.Invite(t.Context(), root.ID, NewInvitation{Uses: 3, Days: 2})
	if err != nil {
		t.Fatal(err)
	}
	clock.add(47 * time.Hour)
	s.Client().Get("/invite/" + token).Is(200)
	clock.add(2 * time.Hour)
	s.Client().Get("/invite/" + token).Is(410)
	clock.add(invitationKept)
	if err := s.accounts.Sweep(t.Context()); err != nil || s.count("SELECT count(*) FROM invitation") != 0 {
		t.Errorf("it is kept for ever: %v", err)
	}
}

func TestMembersInviteWhereTheyMay(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.admin("boss")
		ada := s.signedIn(s.person("ada"))
		s.open(JoinInvited)
		ada.Get("/settings/invitations").Is(403)
		ada.PostForm("/settings/invitations", "uses", "1", "days", "1").Is(403)
		ada.Get("/admin/joining").Is(403)
		ada.PostForm("/admin/joining/invitations", "uses", "1", "days", "1").Is(403)
		ada.Get("/settings").HasNot(`a[href="/settings/invitations"]`)
		s.open(JoinInvited, func(x *Settings) { x.MembersInvite = true })
		ada.Get("/settings").Has(`a[href="/settings/invitations"]`)
		for _, wrong := range [][]string{{"uses", "11", "days", "1"}, {"uses", "1", "days", "31"}, {"uses", "0", "days", "x"}, {"uses", "-1", "days", "1"}} {
			ada.PostForm("/settings/invitations", wrong...).Is(422).Has(".field-error")
		}
		token := invited(t, ada, "/settings/invitations", "/settings/invitations", "10", "30")
		grace := s.signedIn(s.person("grace"))
		grace.Get("/settings/invitations").SaysNot("For the oarsmen")
		id := ada.Get("/settings/invitations").Attr(`form[action="/settings/invitations/end"] button`, "value")
		grace.PostForm("/settings/invitations/end", "id", id).Is(404)
		signup(s.Client(), "one", "invite", token).Goes(home)
		s.open(JoinInvited) // members may no more: what they made is no use
		signup(s.Client(), "two", "invite", token).Is(410)
		s.open(JoinInvited, func(x *Settings) { x.MembersInvite = true })
		for range memberLive - 1 {
			ada.PostForm("/settings/invitations", "uses", "1", "days", "1").Is(303)
		}
		ada.PostForm("/settings/invitations", "uses", "1", "days", "1").Is(409)
	})
}

var joinLinks = regexp.MustCompile(`/join/(\S+)`)

func TestTheAllowList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := s.signedIn(s.admin("boss"))
		s.person("ada")
		root.PostForm("/admin/joining", "joining", "listed", "allow", "Example.EDU, one@example.org\n\nada@example.org").Goes("/admin/joining")
		root.Get("/admin/joining").Says("example.edu")
		root.PostForm("/admin/joining", "joining", "listed", "allow", "@example.org").Is(422).Has("#f-allow-error")
		root.PostForm("/admin/joining", "joining", "everybody", "allow", "").Is(422)
		s.Client().Get("/signup").Is(200).Says("@example.edu").SaysNot("one@example.org").HasNot(`input[name="password"]`)

		var answers []string
		for _, address := range []string{"New@Example.edu", "one@example.org", "ada@example.org", "evil@evil.test", "x@sub.example.edu", "x@example.edu.evil.test"} {
			page := s.Client().PostForm("/signup", "address", address).Is(200)
			answers = append(answers, strings.ReplaceAll(page.Text("main"), address, "ADDRESS"))
		}
		for _, a := range answers {
			if a != answers[0] {
				t.Errorf("the answer tells who is on the list:\n%s\n%s", a, answers[0])
			}
		}
		for _, address := range []string{"evil@evil.test", "x@sub.example.edu", "x@example.edu.evil.test"} {
			if len(s.mails(address)) != 0 {
				t.Errorf("a mail to %s", address)
			}
		}
		if m := s.mails("ada@example.org"); len(m) != 1 || m[0].Template != "owned" {
			t.Errorf("who has an account: %v", m)
		}
		if n := s.count("SELECT count(*) FROM person"); n != 2 {
			t.Errorf("%d people before the link was opened", n)
		}
		token := joinLinks.FindStringSubmatch(s.mails("New@example.edu")[0].Text)[1]
		s.Client().Get("/join/" + token).Is(200).Has(`input[readonly][value="New@example.edu"]`)
		// The address is the one of the link, whatever the form says.
		c := s.Client()
		c.PostForm("/signup", "name", "New", "handle", "newcomer", "address", "victim@example.org", "password", password, "proof", token).Goes(home)
		if n := s.count("SELECT count(*) FROM email WHERE address_key = 'new@example.edu' AND confirmed_at > 0"); n != 1 {
			t.Error("the address of the link does not count")
		}
		s.Client().PostForm("/signup", "name", "New", "handle", "again", "password", password, "proof", token).Is(410).Has(`a[href="/login"]`)
		s.Client().Get("/join/"+token).Is(410).Says("This link was used").Has(`a[href="/login"]`, `a[href="/reset"]`)
		s.Client().Get("/join/" + token[:len(token)-2] + "xx").Is(410)
		s.Client().PostForm("/signup", "name", "New", "handle", "again", "password", password, "proof", "x").Is(410)
		s.Client().PostForm("/signup", "name", "S", "handle", "sneaky", "address", "new2@example.edu", "password", password).Is(200) // an address alone, nothing more is made
		// Who was listed and is not any more.
		token = joinLinks.FindStringSubmatch(s.mails("one@example.org")[0].Text)[1]
		root.PostForm("/admin/joining", "joining", "listed", "allow", "").Goes("/admin/joining")
		s.Client().Get("/join/" + token).Is(403)
		if n := s.count("SELECT count(*) FROM person"); n != 3 {
			t.Errorf("%d people", n)
		}
	})
}

func TestALinkToJoinEnds(t *testing.T) {
	c := &clock{now: time.Now().UTC().Truncate(time.Second)}
	s := serveWith(t, dbtest.Open(t, c.time), func(conf *config.Config) { conf.SignUp.Allow = []string{"example.edu"} })
	s.admin("boss")
	s.open(JoinListed)
	s.Client().PostForm("/signup", "address", "a@example.edu").Is(200)
	token := joinLinks.FindStringSubmatch(s.mails("a@example.edu")[0].Text)[1]
	c.add(23 * time.Hour)
	s.Client().Get("/join/" + token).Is(200)
	c.add(2 * time.Hour)
	s.Client().Get("/join/" + token).Is(410).Has(`a[href="/signup"]`)
}

// TestProvidersKeepTheSameRules: a provider opens no door that the site has closed.
func TestProvidersKeepTheSameRules(t *testing.T) {
	eachProvider(t, func(t *testing.T, s *site, p *oidctest.Provider) {
		root := s.signedIn(s.admin("boss"))
		come := func(path string, person oidctest.JSON) *webtest.Page {
			t.Helper()
			c := s.Client()
			p.Person = person
			return c.Get("/auth/uni/callback?" + p.Approve(t, c.Get(path).Is(303).Location()).Encode())
		}
		person := func(sub, address string, verified bool) oidctest.JSON {
			return oidctest.JSON{"sub": sub, "name": sub, "email": address, "email_verified": verified}
		}
		s.open(JoinClosed)
		come("/auth/uni", person("a", "a@example.edu", true)).Is(403)
		s.open(JoinListed, func(x *Settings) { x.AllowList = []string{"example.edu"} })
		come("/auth/uni", person("a", "a@example.edu", false)).Is(403)
		come("/auth/uni", person("a", "a@other.test", true)).Is(403)
		come("/auth/uni", person("a", "a@example.edu", true)).Goes(home)
		s.open(JoinInvited)
		come("/auth/uni", person("b", "b@example.edu", true)).Is(403)
		come("/auth/uni?invite=none", person("b", "b@example.edu", true)).Is(410)
		token := invited(t, root, "/admin/joining/invitations", "/admin/joining#invitations", "1", "14")
		s.Client().Get("/invite/" + token).Has(`a[href="/auth/uni?invite=` + token + `"]`)
		come("/auth/uni?invite="+token, person("b", "b@example.edu", true)).Goes(home)
		come("/auth/uni?invite="+token, person("c", "c@example.edu", true)).Is(410)
		come("/auth/uni", person("b", "b@example.edu", true)).Goes(home) // who is in stays in
		if n := s.count("SELECT count(*) FROM person"); n != 3 {
			t.Errorf("%d people", n)
		}
	})
}

func TestOneProviderAlone(t *testing.T) {
	p, q := oidctest.New(t), oidctest.New(t)
	s := serveWith(t, dbtest.Open(t, nil), func(c *config.Config) { c.SignIn.Only = "uni" }, p, q)
	root := s.admin("boss")
	s.Client().Get("/login").Is(200).Has(`a[href="/auth/uni"]`).HasNot(`a[href="/auth/club"]`, `input[name="password"]`, `a[href="/reset"]`, `a[href^="/signup"]`)
	s.Client().Get("/signup").Is(200).Has(`a[href="/auth/uni"]`).HasNot(`input[name="password"]`)
	s.Client().PostForm("/login", "address", "boss", "password", password).Is(403).Says("University")
	signup(s.Client(), "eve").Is(403)
	s.Client().Get("/reset").Is(403)
	s.Client().PostForm("/reset", "address", "boss@example.org").Is(403)
	s.Client().Get("/reset/none").Is(403)
	s.Client().PostForm("/reset/none", "password", password).Is(403)
	s.Client().Get("/auth/club").Is(403)
	if n := s.count("SELECT count(*) FROM session"); n != 0 {
		t.Errorf("%d sessions", n)
	}
	c := s.Client()
	through(t, c, p, nil).Goes(home)
	c.PostForm("/settings/security/password", "password", password).Is(403)
	c.PostForm("/login/fresh", "password", password).Is(403)

	// Who runs the server gets an administrator in.
	if _, err := s.accounts.EntryPath(t.Context(), "ada-lovelace"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a member: %v", err)
	}
	if _, err := s.accounts.EntryPath(t.Context(), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody: %v", err)
	}
	path, err := s.accounts.EntryPath(t.Context(), "Boss")
	if err != nil {
		t.Fatal(err)
	}
	in := s.Client()
	in.Get(path).Is(200).Says("@boss") // a program that looks at links uses nothing up
	in.PostForm(path).Goes("/admin")
	if n := s.sessionsOf(root.ID); n != 1 {
		t.Errorf("%d sessions", n)
	}
	s.Client().Get(path).Is(410)
	s.Client().PostForm(path).Is(410)
}

func TestALinkOfWhoRunsTheServerEnds(t *testing.T) {
	s, clock := timed(t)
	s.admin("boss")
	path, err := s.accounts.EntryPath(t.Context(), "boss")
	if err != nil {
		t.Fatal(err)
	}
	won, _ := atOnce(5, func(int) error {
		_, err := s.accounts.TakeEntry(t.Context(), strings.TrimPrefix(path, "/enter/"))
		return err
	})
	if won != 1 {
		t.Errorf("%d got in by one link", won)
	}
	if path, err = s.accounts.EntryPath(t.Context(), "boss"); err != nil {
		t.Fatal(err)
	}
	clock.add(16 * time.Minute)
	s.Client().Get(path).Is(410)
	s.Client().PostForm(path).Is(410)
	if err := s.accounts.Sweep(t.Context()); err != nil || s.count("SELECT count(*) FROM entry") != 0 {
		t.Errorf("it is kept: %v", err)
	}
}

func TestTheInvitationTravelsSealed(t *testing.T) {
	p := oidctest.New(t)
	s, _ := timed(t, p)
	c := s.Client()
	to := c.Get("/auth/uni?invite=a-secret-of-an-invitation").Is(303).Location()
	if u, err := url.Parse(to); err != nil || strings.Contains(u.RawQuery, "a-secret") {
		t.Errorf("the provider is told: %s", to)
	}
}
