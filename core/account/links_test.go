package account

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

func TestSignInByMail(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.withMail()
		ada := s.bare("ada")
		s.give(ada, "mail")
		c := s.Client()
		c.Get("/login").Has(`a[href="/login/link"]`)
		known := c.PostForm("/login/link", "address", "ada@example.org", "next", "/settings").Is(200)
		unknown := c.PostForm("/login/link", "address", "bob@example.org", "next", "/settings").Is(200)
		if a, b := strings.ReplaceAll(string(known.Body), "ada@", "@"), strings.ReplaceAll(string(unknown.Body), "bob@", "@"); a != b {
			t.Errorf("known and unknown addresses get another answer:\n%s\n%s", a, b)
		}
		c.PostForm("/login/link", "address", "bob").Is(422).Has("#f-address-error")
		token := s.link("ada@example.org", "enter")
		if len(s.mails("bob@example.org")) != 0 {
			t.Error("a mail to nobody")
		}
		scanner := s.Client() // a program that reads the mail first, and follows links
		for range 3 {
			scanner.Get("/login/link/" + token + "?next=%2Fsettings").Is(200).Says("@ada")
		}
		phone := s.Client()
		phone.Get("/login/link/" + token + "?next=%2Fsettings").Has(`input[name="next"][value="/settings"]`)
		phone.PostForm("/login/link/"+token, "next", "/settings").Goes("/settings")
		phone.Get("/settings/security").Is(200)
		c.PostForm("/login/link/"+token, "next", "/").Is(410)
		if n := s.count("SELECT count(*) FROM email_token WHERE purpose = 'enter'"); n != 0 {
			t.Errorf("%d links are left", n)
		}
	})
}

// Whoever sent a form without a fresh proof is told that it waits, also when the proof
// came by mail.
func TestProofByMailTellsOfForm(t *testing.T) {
	s, clock := timed(t)
	s.withMail()
	c := s.signedIn(s.person("ada"))
	clock.add(freshFor)
	c.PostForm("/settings/security/codes").Goes("/login/fresh?next=%2Fsettings%2Fsecurity&form=1")
	c.PostForm("/login/fresh/link", "next", "/settings/security", "form", "1").Is(200)
	after := "/login/fresh?form=waits&next=%2Fsettings%2Fsecurity"
	c.Get(after).Is(200).Says("What you sent has not been done yet")
	c.PostForm("/login/link/"+s.link("ada@example.org", "enter"), "next", after).Goes(after)
	c.Get(after).Goes("/settings/security")
	c.Get("/settings/security").Is(200).Says("please send it again")
}

func TestLinksByMailEnd(t *testing.T) {
	s, clock := timed(t)
	s.withMail()
	ada := s.person("ada")
	ask := func() string {
		t.Helper()
		if err := s.accounts.AskEnter(t.Context(), "ada@example.org", "", "Firefox, Linux"); err != nil {
			t.Fatal(err)
		}
		return s.link("ada@example.org", "enter")
	}
	token := ask()
	if m := s.mails("ada@example.org")[0]; !strings.Contains(m.Text, "Firefox, Linux") {
		t.Errorf("the mail does not say who asked: %s", m.Text)
	}
	clock.add(enterFor)
	if _, err := s.accounts.TakeEnter(t.Context(), token); !fault.Is(err, fault.Gone) {
		t.Errorf("an old link: %v", err)
	}
	for name, end := range map[string]func() error{
		"a new password": func() error {
			_, err := s.accounts.ChangePassword(t.Context(), ada.ID, "another long password", "")
			return err
		},
		"links forbidden":  func() error { return s.accounts.SetByMail(t.Context(), ada.ID, false, nil, "") },
		"account disabled": func() error { return s.accounts.SetDisabled(t.Context(), ada.Handle, true) },
	} {
		clock.add(time.Hour)
		token := ask()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.accounts.TakeEnter(t.Context(), token); !fault.Is(err, fault.Gone) {
			t.Errorf("a link after %s: %v", name, err)
		}
		before := len(s.mails("ada@example.org"))
		if name != "a new password" {
			if err := s.accounts.AskEnter(t.Context(), "ada@example.org", "", ""); err != nil || len(s.mails("ada@example.org")) != before {
				t.Errorf("a link is sent after %s: %v", name, err)
			}
			if err := s.accounts.AskReset(t.Context(), "ada@example.org"); err != nil || len(s.mails("ada@example.org")) != before {
				t.Errorf("a reset is sent after %s: %v", name, err)
			}
		}
		if err := s.accounts.SetDisabled(t.Context(), ada.Handle, false); err != nil {
			t.Fatal(err)
		}
		if err := s.accounts.SetByMail(t.Context(), ada.ID, true, nil, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOneLinkSignsInOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.withMail()
		s.person("ada")
		if err := s.accounts.AskEnter(t.Context(), "ada@example.org", "", ""); err != nil {
			t.Fatal(err)
		}
		token := s.link("ada@example.org", "enter")
		won, _ := atOnce(8, func(int) error { _, err := s.accounts.TakeEnter(t.Context(), token); return err })
		if won != 1 {
			t.Errorf("%d sign-ins by one link", won)
		}
	})
}

// TestStrangersEndNoLink: whoever asks for links to somebody else's address neither
// ends one that was sent nor keeps its owner from having one, and floods nobody.
func TestStrangersEndNoLink(t *testing.T) {
	s, clock := timed(t)
	s.withMail()
	s.person("ada")
	token := ""
	mails := 0
	for minute := range 60 {
		stranger := s.Client().With("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", minute+1))
		for range 2 {
			stranger.PostForm("/reset", "address", "ada@example.org")
		}
		list := s.mails("ada@example.org")
		if token == "" {
			token = s.link("ada@example.org", "reset")
		}
		mails = len(list)
		newest := s.link("ada@example.org", "reset")
		if _, err := s.accounts.ResetOf(t.Context(), newest); err != nil {
			t.Fatalf("minute %d: the newest link in the mailbox does not work: %v", minute, err)
		}
		if _, err := s.accounts.ResetOf(t.Context(), token); minute < 29 && err != nil {
			t.Fatalf("minute %d: the first link does not work any more: %v", minute, err)
		}
		clock.add(time.Minute)
	}
	if mails > 5*4 {
		t.Errorf("strangers caused %d mails in an hour", mails)
	}
	ada := s.Client().With("X-Forwarded-For", "203.0.113.7")
	ada.PostForm("/reset", "address", "ada@example.org").Is(200)
	ada.PostForm("/reset/"+s.link("ada@example.org", "reset"), "password", "quite another one").Goes("/login")
	for range 30 {
		s.Client().With("X-Forwarded-For", "198.51.100.200").PostForm("/reset", "address", "ada@example.org")
	}
	s.Client().With("X-Forwarded-For", "198.51.100.200").PostForm("/reset", "address", "ada@example.org").Is(429)
}

func TestRecoveryCodes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.withMail()
		ada, ctx := s.person("ada"), t.Context()
		c := s.signedIn(ada)
		c.Get("/settings/security").Says("You have no recovery codes")
		page := c.PostForm("/settings/security/codes").Is(200)
		codes := strings.Fields(page.Text("#codes-text"))
		if len(codes) != 10 || len(page.All(".codes li")) != 10 || page.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("codes %q, %v", codes, page.Header)
		}
		c.Get("/settings/security").Says("10 codes left").SaysNot(codes[0])
		for _, code := range codes {
			if n := s.count("SELECT count(*) FROM recovery_code WHERE code LIKE $1", "%"+code+"%"); n != 0 {
				t.Error("a code lies in the database")
			}
		}
		lost := s.Client()
		lost.PostForm("/login/recovery", "address", "ada", "code", "0000-0000-0000").Is(422).Has(`[role="alert"]`)
		lost.PostForm("/login/recovery", "address", "nobody", "code", codes[0]).Is(422).Has(`[role="alert"]`)
		lost.PostForm("/login/recovery", "address", "ada@example.org", "code", " "+strings.ToUpper(strings.ReplaceAll(codes[0], "-", " "))).Goes("/settings/security")
		lost.Get("/settings/security").Is(200).Says("9 codes left", "You are in by a recovery code")
		if m := s.mails("ada@example.org")[0]; m.Template != "security" || !strings.Contains(m.Text, "Codes left: 9") {
			t.Errorf("the mail: %s", m.Text)
		}
		s.Client().PostForm("/login/recovery", "address", "ada", "code", codes[0]).Is(422)
		won, _ := atOnce(8, func(int) error { _, err := s.accounts.EnterByCode(ctx, "ada", codes[1], ""); return err })
		if won != 1 {
			t.Errorf("one code let %d in", won)
		}
		c.PostForm("/settings/security/codes").Is(200)
		if _, err := s.accounts.EnterByCode(ctx, "ada", codes[2], ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a code of before: %v", err)
		}
		if _, err := s.accounts.EnterByCode(ctx, "bob", codes[2], ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// TestCodesAsTheOnlyWayIn: the others can be removed, and the last code stays until
// new ones are made.
func TestCodesAsTheOnlyWayIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada, ctx := s.bare("ada"), t.Context()
		s.give(ada, "passkey")
		codes, err := s.accounts.MakeCodes(ctx, ada.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.take(ada, "passkey"); err != nil {
			t.Fatalf("a passkey beside codes is not removed: %v", err)
		}
		c := s.Client()
		for i, code := range append(codes, codes[9]) {
			c.With("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i+1)).PostForm("/login/recovery", "address", "ada", "code", code).Goes("/settings/security")
		}
		c.Get("/settings/security").Says("1 code left", "Codes are your only way to sign in")
		if _, err := s.accounts.EnterByCode(ctx, "ada", codes[8], ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a code that was used: %v", err)
		}
		s.give(ada, "password")
		for want := range 2 {
			_, err := s.accounts.EnterByCode(ctx, "ada", codes[9], "")
			if got := fault.Is(err, fault.Invalid); got != (want == 1) {
				t.Errorf("the last code beside a password, try %d: %v", want+1, err)
			}
		}
	})
}

func TestCodesAsAFreshProofAndOfADisabledAccount(t *testing.T) {
	s, clock := timed(t)
	ada := s.person("ada")
	c := s.signedIn(ada)
	codes, err := s.accounts.MakeCodes(t.Context(), ada.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	clock.add(11 * time.Minute)
	c.Get("/settings/security/passkeys/new").Goes("/login/fresh?next=%2Fsettings%2Fsecurity%2Fpasskeys%2Fnew")
	c.Get("/login/fresh?next=%2Fsettings").Has(`input[name="code"]`)
	c.PostForm("/login/fresh", "code", "0000-0000-0000", "next", "/settings").Is(422).Has("#f-code-error")
	c.PostForm("/login/fresh", "code", codes[0], "next", "/settings/security/passkeys/new").Goes("/settings/security/passkeys/new")
	c.Get("/settings/security/passkeys/new").Is(200)
	if err := s.accounts.SetDisabled(t.Context(), ada.Handle, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.EnterByCode(t.Context(), "ada", codes[1], ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a disabled account: %v", err)
	}
}

// TestStrangersLockNobodyOut: guesses of many networks use up the account's own
// limit, which a browser that was signed in before does not share.
func TestStrangersLockNobodyOut(t *testing.T) {
	s, _ := timed(t)
	ada := s.person("ada")
	home, away := s.signedIn(ada).With("X-Forwarded-For", "203.0.113.7"), s.Client().With("X-Forwarded-For", "203.0.113.8")
	home.PostForm("/logout").Goes("/")
	away.PostForm("/login", "address", "ada", "password", "a guess").Is(422)
	err := s.Base.Tx(t.Context(), func(tx *db.Tx) error { // and 400 more, of networks everywhere
		_, err := tx.Exec(t.Context(), "UPDATE rate SET hits = hits + 400 WHERE name LIKE 'login.account:%'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	away.PostForm("/login", "address", "ada", "password", password).Is(429)
	home.PostForm("/login", "address", "ada", "password", password).Goes("/badges")
}
