package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/discord"
	"github.com/osier-passport/osier/test/remotes/matrix"
	"github.com/osier-passport/osier/test/remotes/slack"
	"github.com/osier-passport/osier/test/remotes/teams"
	"github.com/osier-passport/osier/test/remotes/webhook"
	"github.com/osier-passport/osier/test/remotes/wordpress"
)

// place is a target that people connect by typing what it needs, with its fake.
type place struct {
	remotes.Faults

	name, target, host string
	fake               http.Handler
	fields             map[string]string
	posts              func() int // that are there
	retracts           bool
	off                bool // until an administrator switches it on
}

// places are those without OAuth.
func places() []*place {
	sl, di, te, ma := &slack.Slack{}, &discord.Discord{}, &teams.Teams{}, &matrix.Matrix{}
	we, wp := &webhook.Receiver{Secret: "sesame"}, &wordpress.Site{}
	const flow = "prod-1.westeurope.logic.azure.com"
	return []*place{
		{
			name: "Slack", target: "chat.slack", host: "hooks.slack.com", fake: sl, posts: func() int { return len(sl.Texts()) },
			fields: map[string]string{"webhook": "https://hooks.slack.com" + slack.Path},
		},
		{
			name: "Discord", target: "chat.discord", host: "discord.com", fake: di, posts: func() int { return len(di.Messages()) }, retracts: true,
			fields: map[string]string{"webhook": "https://discord.com" + discord.Path},
		},
		{
			name: "Teams", target: "chat.teams", host: flow, fake: te, posts: func() int { return len(te.Cards()) }, off: true,
			fields: map[string]string{"webhook": "https://" + flow + teams.Path + "?sig=s3cretSignature"},
		},
		{
			name: "Matrix", target: "chat.matrix", host: "matrix.example", fake: ma, posts: func() int { return said(ma) }, retracts: true, off: true,
			fields: map[string]string{"server": "https://matrix.example", "room": matrix.Alias, "token": matrix.Token},
		},
		{
			name: "Webhook", target: "webhook.post", host: "receiver.example", fake: we, posts: func() int { return len(we.Messages()) },
			fields: map[string]string{"url": "https://receiver.example/in", "secret": we.Secret},
		},
		{
			name: "WordPress", target: "wordpress.post", host: "blog.example", fake: wp, posts: func() int { return published(wp) }, retracts: true,
			fields: map[string]string{"site": "https://blog.example", "user": wordpress.User, "password": wordpress.Password},
		},
	}
}

// said counts the messages in the room that were not taken back.
func said(m *matrix.Matrix) (n int) {
	for _, text := range m.Events() {
		if text != "" && text != "redacted" {
			n++
		}
	}
	return n
}

// published counts the posts that are not in the bin.
func published(s *wordpress.Site) (n int) {
	for _, p := range s.Posts() {
		if p.Status == "publish" {
			n++
		}
	}
	return n
}

// aroundPlaces goes through the places: what is typed wrong is told, what is refused
// is told by its kind, what was too much goes out later, and what can be taken back is.
func (p *passport) aroundPlaces(t *testing.T, all []*place) {
	tab := p.person(t)
	badge := ""
	p.step(t, "a badge for the places", func() {
		w := p.walk(t, service{name: "places"})
		tab, badge = w.Tab, w.badge
		tab.Open("/settings/sharing")
	})
	for _, at := range all {
		p.aside(t, "a place: "+at.name, func() {
			if at.off {
				p.switchOn(service{target: at.target})
			}
			at.walk(tab, badge)
		})
	}
	p.aside(t, "a place: e-mail", func() {
		send(tab, badge, "email.send", "A letter", "friend@people.example")
		newest(tab, ".tag-ok", "the mail")
		p.admin.Finds("/admin/outbox", "friend@people.example")
	})
}

func (at *place) walk(tab *browser.Tab, badge string) {
	write := badge + "/share/" + at.target
	tab.Open("/connect/" + at.target + "?next=" + write)
	for name, value := range at.fields {
		tab.Fill("connect_"+name, value)
	}
	tab.Press("main form button[type=submit]")
	tab.At("/connect/confirm/")
	tab.Press("main button[name=answer][value=yes]")
	tab.At(write)
	at.holds(tab, badge, "First", ".tag-ok", 1)
	at.Next("", remotes.Fault{Status: http.StatusBadRequest, Body: "{}"})
	at.holds(tab, badge, "Refused", ".tag-bad", 1)
	at.Next("", remotes.Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "1"}, Body: "{}"})
	at.holds(tab, badge, "Later", ".tag-ok", 2)
	if !at.retracts {
		if tab.Count(`main li.shared:first-child button[value=retract]`) != 0 {
			tab.T.Error("what cannot be taken back is offered to be")
		}
		return
	}
	tab.Press(`main li.shared:first-child button[value=retract]`)
	tab.Eventually(patient, `/· taken back/.test(document.querySelector("main li.shared")?.textContent.replace(/\s+/g, " "))`, "the message to be taken back")
	if n := at.posts(); n != 1 {
		tab.T.Errorf("%d messages after one of two was taken back", n)
	}
}

// holds sends some words, and waits for what becomes of them.
func (at *place) holds(tab *browser.Tab, badge, words, shows string, posts int) {
	send(tab, badge, at.target, words, "")
	newest(tab, shows, fmt.Sprintf("what became of %q", words))
	if n := at.posts(); n != posts {
		tab.T.Errorf("%d messages after %q, want %d", n, words, posts)
	}
}

func send(tab *browser.Tab, badge, target, words, to string) {
	tab.Open(badge + "/share/" + target)
	tab.Fill("words", words)
	if to != "" {
		tab.Fill("option_to", to)
	}
	if tab.Count("#f-agree") > 0 {
		tab.Click("#f-agree")
	}
	tab.Press("#compose button.btn-primary")
	tab.At(badge + "/share")
}

// newest waits for something in the newest line of the history.
func newest(tab *browser.Tab, selector, what string) {
	tab.Eventually(patient, `document.querySelector("main li.shared:first-child")?.querySelector("`+selector+`")`, what)
}

// inThreeClicks posts in a connected account from the badge's page.
func (w *walk) inThreeClicks() {
	w.Open(w.badge)
	w.Clicks = 0
	w.Click(`main a[href$="/share"]`)
	w.Until(`document.querySelector("dialog.sheet")?.open`, "the dialog of sharing")
	w.Click(`dialog a[href$="/share/` + w.target + `"]`)
	w.Until(`document.querySelector("dialog #compose")`, "the form in the dialog")
	w.Press(`dialog #compose button.btn-primary`)
	w.At(w.badge + "/share")
	took(w.Tab, postInAccount, 0)
	w.until(0, `.tag-ok`, "the post of three clicks")
	w.made++
	w.holds()
}
