package e2e

import (
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/server"
)

// TestPasskeyStory makes a passkey, signs in with it, proves with it and removes
// it, in a real browser with an authenticator of its own.
func TestPasskeyStory(t *testing.T) {
	b := browser.Start(t, shots())
	s := server.Start(t, server.Options{Command: []string{"demo"}, NoData: true, Env: []string{"TMPDIR=" + t.TempDir()}})
	tab := b.Person(t, s.URL)
	tab.Open("/demo")
	tab.Press(".cast button")
	tab.At("/feed")

	tab.Open("/settings/security")
	tab.Reads("You have no passkey yet")
	tab.Press(`a[href="/settings/security/passkeys/new"]`)
	key := tab.Authenticator(false)
	tab.Fill("name", "Phone of the story")
	tab.Click("main form [data-passkey-do]")
	tab.Reads("Nothing was done: the passkey was not confirmed")
	tab.Verify(key, true)
	tab.Shot("passkey-new")
	tab.Press("main form [data-passkey-do]")
	tab.At("/settings/security")
	tab.Reads("Phone of the story", "not used yet")
	tab.Shot("passkey-added")
	tab.Press(`a[href="/settings/security/passkeys/new"]`)
	tab.Click("main form [data-passkey-do]")
	tab.Reads("This device has a passkey for your account already")

	tab.Open("/login/fresh?next=/settings/security")
	tab.Shot("passkey-fresh")
	tab.Press("main form [data-passkey-do]")
	tab.At("/settings/security")
	tab.Reads("used just now")

	signOut(tab)
	tab.Verify(key, false)
	tab.Open("/login")
	tab.Click("main form [data-passkey-do]")
	tab.Reads("Nothing was done: the passkey was not confirmed")
	tab.Shot("passkey-login")
	tab.Verify(key, true)
	tab.Press("main form [data-passkey-do]")
	tab.At("/badges")

	signOut(tab) // the browser offers the passkey where names are filled in
	tab.Open("/login?next=/settings/security")
	tab.At("/settings/security")

	tab.Allow("409", "422")
	tab.Click("main details summary", "Change", "Phone of the story")
	tab.Press("main details button[value=remove]")
	tab.Reads("This is the only way left", "Phone of the story")
	tab.Fill("password", password)
	tab.Press(`form[action="/settings/security/password"] button`, "Save password")
	tab.Reads("The password is changed")
	tab.Click("main details summary", "Change", "Phone of the story")
	tab.Press("main details button[value=remove]")
	tab.Reads("The passkey is removed", "You have no passkey yet")
	signOut(tab)
	tab.Open("/login")
	tab.Until(`document.querySelector("main [role=alert]:not([hidden])")`, "the words about a passkey that was removed")
	tab.Reads("This passkey opens no account here")
	tab.Forget(key)

	old := b.Person(t, s.URL)
	old.NoScript()
	old.Open("/login")
	if old.Count("noscript p") == 0 {
		t.Error("nothing is said without JavaScript")
	}
	old.Shot("passkey-noscript")
}

// signOut ends the session by the form of the page.
func signOut(tab *browser.Tab) {
	tab.Open("/settings")
	tab.Go(func() { browser.Eval[bool](tab, `(document.querySelector('form[action="/logout"]').submit(), true)`) })
	tab.At("/")
}
