package e2e

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/test/browser"
	"github.com/osier-passport/osier/test/issuer"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/bluesky"
	"github.com/osier-passport/osier/test/remotes/linkedin"
	"github.com/osier-passport/osier/test/remotes/mastodon"
	"github.com/osier-passport/osier/test/remotes/x"
	"github.com/osier-passport/osier/test/server"
)

// publicHost is the name of the passport in the world of the fakes.
const publicHost = "passport.example"

// fake is what the walk asks of every service.
type fake interface {
	Handler() http.Handler
	Next(which string, f remotes.Fault)
	EndAll(refreshes bool)
	Tokens() int
}

// service is one target with its fake, and how it differs from the others.
type service struct {
	fake

	name, target string   // of the subtest; plugin.target
	hosts        []string // that the fake answers for
	instance     string   // what the person types; "" for a service with one server
	account      string   // as the person knows it
	posting      string   // method and path of a post
	posts        func() int
	app          bool // the administrator types a registration
	charges      bool // and says what a month may cost
	finds        bool // a lost answer is found out without the person
	refreshes    bool // an ended token is renewed without the person
	revokes      bool // disconnecting ends the tokens there
}

// services are those with a connected account.
func services() []service {
	li, tw, ma, bs := linkedin.New(), x.New(), mastodon.New("social.example"), bluesky.New("pds.example")
	for _, o := range []*remotes.OAuth{&li.OAuth, &tw.OAuth} {
		o.Register(remotes.Client{
			ID: "osier-app", Secret: "osier-app-secret", Redirects: []string{"https://" + publicHost + "/connect/callback"},
			Scopes: []string{"openid", "profile", "w_member_social", "tweet.read", "tweet.write", "users.read", "offline.access"},
		})
	}
	return []service{
		{
			fake: li, name: "LinkedIn", target: "linkedin.auto", hosts: []string{"www.linkedin.com", "api.linkedin.com"}, account: "Ada Weaver",
			posting: "POST /rest/posts", posts: func() int { return len(li.Posts()) }, app: true, revokes: true,
		},
		{
			fake: tw, name: "X", target: "twitter.auto", hosts: []string{"x.com", "api.x.com"}, account: "@ada",
			posting: "POST /2/tweets", posts: func() int { return len(tw.Posts()) }, app: true, charges: true, refreshes: true, revokes: true,
		},
		{
			fake: ma, name: "Mastodon", target: "mastodon.auto", hosts: []string{"social.example"}, instance: "@ada@social.example", account: "@ada@social.example",
			posting: "POST /api/v1/statuses", posts: func() int { return len(ma.Statuses()) }, finds: true, revokes: true,
		},
		{
			fake: bs, name: "Bluesky", target: "bluesky.auto", hosts: []string{"pds.example", "public.api.bsky.app", "plc.directory"}, instance: "pds.example", account: "@" + bluesky.Handle,
			posting: "POST /xrpc/com.atproto.repo.createRecord", posts: func() int { return len(bs.Records()) }, finds: true, refreshes: true, revokes: true,
		},
	}
}

// TestRemotes connects, posts, loses an answer, meets a limit, outlives a token, takes
// back and disconnects, at each service with a connected account: the real binary, a
// real browser, and fakes that hold it to what the services document.
func TestRemotes(t *testing.T) {
	b := browser.Start(t, shots())
	all, rest := services(), places()
	p := openBetween(t, b, all, rest)
	p.setUp(t)
	p.ada = p.person(t)
	p.step(t, "ada joins", func() { p.join(p.ada) })
	for _, s := range all {
		p.step(t, "an administrator switches "+s.name+" on", func() { p.switchOn(s) })
	}
	walks := make([]*walk, len(all))
	for n, s := range all {
		p.step(t, "a badge for "+s.name, func() { walks[n] = p.walk(t, s) })
	}
	p.together(t, "out", walks, (*walk).out)
	p.aroundPlaces(t, rest)
	p.together(t, "back", walks, (*walk).back) // what was lost has been looked for meanwhile
}

// together takes one half of all walks, some at a time.
func (p *passport) together(t *testing.T, half string, walks []*walk, do func(*walk)) {
	t.Helper()
	if p.broken {
		return
	}
	p.broken = !t.Run(half, func(t *testing.T) {
		for _, w := range walks {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				w.T = t
				do(w)
			})
		}
	})
}

// openBetween starts a passport that is reached by https, and that reaches the fakes.
func openBetween(t *testing.T, b *browser.Browser, all []service, rest []*place) *passport {
	t.Helper()
	world := remotes.World(t)
	p := &passport{browser: b, issuer: issuer.Start(t), files: t.TempDir()}
	var hosts []string
	for _, s := range all {
		for _, host := range s.hosts {
			world.Add(host, s.Handler())
			b.Host(host, s.Handler())
			hosts = append(hosts, host+"="+world.Addr())
		}
		if s, ok := s.fake.(*bluesky.Server); ok {
			s.Reach(world.Client())
		}
	}
	for _, at := range rest {
		world.Add(at.host, at.Before(at.fake))
		hosts = append(hosts, at.host+"="+world.Addr())
	}
	listen := server.FreeAddress(t)
	front := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: listen})
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}, ErrorLog: log.New(io.Discard, "", 0)} // a browser that went away
	world.Add(publicHost, front)
	b.Host(publicHost, front)
	p.Server = server.Start(t, server.Options{
		Listen: listen, Env: []string{"SSL_CERT_FILE=" + world.CAFile()},
		Config: fmt.Sprintf("public_url = %q\ntrusted_proxies = [\"127.0.0.1\"]\n[fetch]\nallow = [\"%s\"]\nhosts = [\"%s\"]\n",
			"https://"+publicHost, strings.Join(p.issuer.Hosts(), `", "`), strings.Join(hosts, `", "`)),
	})
	return p
}

func (p *passport) join(tab *browser.Tab) {
	tab.Open("/signup")
	tab.Fill("name", ada.name)
	tab.Fill("handle", ada.handle)
	tab.Fill("address", ada.address)
	tab.Fill("password", password)
	tab.Press("main form button[type=submit]")
	tab.At("/badges")
	p.confirm(tab, ada.address)
}

// switchOn has the administrator type the registration and offer the target.
func (p *passport) switchOn(s service) {
	tab := p.admin
	plugin, _, _ := strings.Cut(s.target, ".")
	tab.Open("/admin/plugins/" + plugin)
	if s.app {
		tab.Fill("setting-client_id", "osier-app")
		tab.Fill("setting-client_secret", "osier-app-secret")
		tab.Press("main button[name=action][value=save]")
	}
	tab.Open("/admin/plugins/" + plugin)
	if s.charges {
		tab.Press(`main form[action$="/` + s.target + `"] button[value=enable]`)
		tab.Reads("Say first what a month may cost")
		tab.Type(`main form[action$="/`+s.target+`/limits"] input[name=cap]`, "5")
		tab.Press(`main form[action$="/` + s.target + `/limits"] button`)
	}
	tab.Press(`main form[action$="/` + s.target + `"] button[value=enable]`)
}

// walk is ada's way with one service, in a tab of its own.
type walk struct {
	service
	*browser.Tab

	badge string
	made  int // posts that must be there
}

// walk signs ada in once more and gives her a public badge.
func (p *passport) walk(t *testing.T, s service) *walk {
	t.Helper()
	w := &walk{service: s, Tab: p.person(t)}
	w.T = p.ada.T // of the chapter
	w.Open("/login")
	w.Fill("address", ada.address)
	w.Fill("password", password)
	w.Press(`main form[action="/login"] button[type=submit]`)
	name := "Basket for " + s.name
	p.upload(w.Tab, s.name+".json", p.issuer.Embedded(t, "2.0", name, ada.address))
	w.badge = p.arrive(w.Tab, name)
	p.show(w.Tab, w.badge)
	return w
}

// out is the way until the account was connected anew.
func (w *walk) out() {
	w.connect()
	w.post("First")
	w.until(0, `.tag-ok`, "the first post")
	w.made++
	w.holds()
	w.inThreeClicks()

	w.Next(w.posting, remotes.Fault{Lose: true})
	w.post("Second, whose answer is lost")
	w.until(0, `.tag-warn`, "that the outcome is not known")
	w.Next(w.posting, remotes.Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "2"}, Body: "{}"})
	w.post("Third, when there were too many")
	w.until(0, `.tag-ok`, "the post after a limit")
	w.made += 2
	w.holds()

	if w.refreshes {
		w.EndAll(false)
		w.post("Fourth, with a token that has ended")
		w.until(0, `.tag-ok`, "the post with a new token")
		w.made++
	}
	w.EndAll(true)
	w.post("Last, when all was ended")
	w.until(0, `.muted:not(time)`, "that it waits for the account")
	w.Reads("It waits until you connect the account again.")
	w.connect()
	w.Open(w.badge + "/share")
	w.until(0, `.tag-ok`, "what waited for the account")
	w.made++
}

// back finds out what was lost, takes back and disconnects.
func (w *walk) back() {
	w.known()
	w.holds()
	w.takeBack()
	w.disconnect()
}

// connect goes to the service and back, and says that the account is hers.
func (w *walk) connect() {
	w.Open("/connect/" + w.target + "?next=" + w.badge + "/share/" + w.target)
	if w.instance != "" {
		w.Fill("instance", w.instance)
	}
	w.Click("main form button[type=submit]")
	w.At("/connect/confirm/")
	w.Reads(w.account)
	w.Press("main button[name=answer][value=yes]")
	w.At(w.badge + "/share/" + w.target)
}

// post writes some words and sends them.
func (w *walk) post(words string) {
	w.Open(w.badge + "/share/" + w.target)
	w.Fill("words", words)
	if w.Count("#f-agree") > 0 {
		w.Click("#f-agree")
	}
	w.Press("#compose button.btn-primary")
	w.At(w.badge + "/share")
}

const patient = 45 * time.Second // a look after a lost answer takes 20 s

// until waits for something in a line of the history, the newest being 0.
func (w *walk) until(line int, selector, what string) {
	w.Eventually(patient, fmt.Sprintf(`document.querySelectorAll("main li.shared")[%d]?.querySelector(%q)`, line, selector), what)
}

// known finds out what became of the lost post: by itself, or by what ada says.
func (w *walk) known() {
	line := 2
	if w.refreshes {
		line = 3
	}
	if !w.finds {
		w.Press(fmt.Sprintf(`main li.shared:nth-child(%d) button[value=there]`, line+1))
	}
	w.until(line, ".tag-ok", "what became of the lost post")
}

// holds makes sure that the service has what it must, and nothing twice.
func (w *walk) holds() {
	if n := w.posts(); n != w.made {
		w.T.Errorf("%d posts, want %d", n, w.made)
	}
}

func (w *walk) takeBack() {
	w.Press(`main li.shared:first-child button[value=retract]`)
	w.Eventually(patient, `/· taken back/.test(document.querySelector("main li.shared")?.textContent.replace(/\s+/g, " "))`, "the post to be taken back")
	w.made--
	w.holds()
}

func (w *walk) disconnect() {
	w.Open("/settings/sharing")
	form := browser.Eval[string](w.Tab, `Array.from(document.querySelectorAll("main li")).find((li) => li.textContent.includes("Post for me on `+w.name+`")).querySelector("form").getAttribute("action")`)
	w.Press(`main form[action="` + form + `"] button[value=disconnect]`)
	if n := w.Tokens(); w.revokes && n != 0 {
		w.T.Errorf("%d tokens live on at the service", n)
	}
}
