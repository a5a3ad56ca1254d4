package account

import (
	"fmt"
	"testing"

	"github.com/osier-passport/osier/core/web/webtest"
)

// from gives a browser in a network of its own.
func (s *site) from(n int) *webtest.Client {
	s.t.Helper()
	return s.Client().With("X-Forwarded-For", fmt.Sprintf("203.0.%d.7", n))
}

// TestStrangersWhoAskKeepNobodyFromAsking: whoever asks for mails to somebody else's
// address, from wherever, the owner asks as ever and hears the same; and the address
// does not get all those mails.
func TestStrangersWhoAskKeepNobodyFromAsking(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.withMail()
		s.open(JoinListed, func(set *Settings) { set.AllowList = []string{"example.org"} })
		ada := s.person("ada")
		for _, tt := range []struct{ path, template, to string }{
			{"/reset", "reset", "ada@example.org"},
			{"/login/link", "enter", "ada@example.org"},
			{"/signup", "join", "new@example.org"},
			{"/signup", "owned", "ada@example.org"},
		} {
			for n := range 40 {
				s.from(n).PostForm(tt.path, "address", tt.to).Is(200)
			}
			page := s.from(99).PostForm(tt.path, "address", tt.to).Is(200)
			unknown := s.from(98).PostForm(tt.path, "address", "xyz@example.org").Is(200)
			if len(page.Body)-len(unknown.Body) > 64 || len(unknown.Body)-len(page.Body) > 64 {
				t.Errorf("%s: %d and %d bytes", tt.path, len(page.Body), len(unknown.Body))
			}
			n := 0
			for _, m := range s.mails(tt.to) {
				if m.Template == tt.template {
					n++
				}
			}
			if n != linksAtOnce {
				t.Errorf("%s: %d mails %s went out, want %d", tt.path, n, tt.template, linksAtOnce)
			}
		}
		// Each of the links that were mailed works.
		s.from(1).PostForm("/login/link/"+s.link("ada@example.org", "enter"), "next", "").Goes(home)
		s.from(1).PostForm("/reset/"+s.link("ada@example.org", "reset"), "password", "another horse battery").Goes("/login")
		s.from(1).Get("/join/" + s.link("new@example.org", "join")).Is(200)

		// Who lists the address of another, and asks again and again, does not keep its
		// owner from confirming it; and the address gets few of those mails.
		for n := range 5 {
			other := s.person(fmt.Sprintf("stranger-%c", 'a'+n))
			for range 6 {
				if err := s.accounts.AskConfirmation(t.Context(), other.ID, "mine@example.org"); err != nil {
					t.Error(err)
				}
			}
		}
		if n := len(s.mails("mine@example.org")); n != 5*asksOwn+asksAgain {
			t.Errorf("%d mails went to the address of another, want %d", n, 5*asksOwn+asksAgain)
		}
		c := s.Client()
		c.PostForm("/login", "address", ada.Handle, "password", "another horse battery").Goes(home)
		c.PostForm("/settings/emails", "address", "mine@example.org").Goes("/settings/emails")
		c.PostForm("/confirm/" + s.link("mine@example.org", "confirm")).Goes(home)
	})
}
