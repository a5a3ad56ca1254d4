package connect

import "testing"

func TestWhereAnswersMayGo(t *testing.T) {
	for _, c := range []struct {
		address string
		ok      bool
	}{
		{"https://app.example/cb", true},
		{"https://app.example/cb?x=1", true},
		{"https://app.example:8443/cb", true},
		{"http://127.0.0.1/cb", true},
		{"http://127.0.0.1:7000/cb", true},
		{"http://[::1]/cb", true},
		{"org.example.app:/cb", true},
		{"org.example.app://cb", true},
		{"", false},
		{"http://app.example/cb", false},
		{"http://localhost/cb", false},
		{"http://127.0.0.1.app.example/cb", false},
		{"http://127.0.0.1@app.example/cb", false},
		{"http://0.0.0.0/cb", false},
		{"https://user@app.example/cb", false},
		{"https://app.example/cb#x", false},
		{"https://app.example/a/../cb", false},
		{`https://app.example\@evil.example/cb`, false},
		{"https://app.example/c b", false},
		{"https://äpp.example/cb", false},
		{"https:app.example", false},
		{"https:///app.example", false},
		{"//app.example/cb", false},
		{"/cb", false},
		{"app:/cb", false}, // anybody's scheme
		{"Org.example.app:/cb", false},
		{"org.example.app:cb", false},
		{"javascript:alert(1)", false},
		{"javascript:/alert(1)", false},
		{"data:text/html,x", false},
		{"ftp.example:/cb\r\nX: y", false},
	} {
		if got := redirectFault(c.address) == ""; got != c.ok {
			t.Errorf("%q: taken %v, want %v", c.address, got, c.ok)
		}
	}
}

func TestARedirectAddressAgreesLetterByLetter(t *testing.T) {
	for _, c := range []struct {
		registered, asked string
		ok                bool
	}{
		{"https://app.example/cb", "https://app.example/cb", true},
		{"https://app.example/cb", "https://app.example/cb/", false},
		{"https://app.example/cb", "https://app.example/cb?x=1", false},
		{"https://app.example/cb", "https://app.example:443/cb", false},
		{"https://app.example/cb", "https://App.example/cb", false},
		{"https://app.example/cb", "https://app.example/%63b", false},
		{"https://app.example/cb", "https://app.example.evil.example/cb", false},
		{"https://app.example/cb", "", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true},
		{"http://127.0.0.1:7000/cb", "http://127.0.0.1/cb", true},
		{"http://[::1]/cb", "http://[::1]:51004/cb", true},
		{"http://127.0.0.1/cb", "http://[::1]/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:51004/other", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:x/cb", false},
		{"http://127.0.0.1/cb", "https://127.0.0.1/cb", false},
		{"org.example.app:/cb", "org.example.app:/cb", true},
		{"org.example.app:/cb", "org.example.app:/cb2", false},
	} {
		if got := agrees([]string{"https://other.example/", c.registered}, c.asked); got != c.ok {
			t.Errorf("%s for %s: %v, want %v", c.asked, c.registered, got, c.ok)
		}
	}
}
