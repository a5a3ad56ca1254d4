package core

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/fault"
)

// An administrator sees a plugin, bounds its targets and orders them; nobody else does.
func TestAdministratorLooksAfterAPlugin(t *testing.T) {
	p := newSharer(t)
	keeper, member := p.administrator("keeper"), p.who
	member.get("/admin/plugins/twitter").is(t, 403)
	member.post("/admin/plugins/twitter.post", "action", "up").is(t, 403)
	keeper.get("/admin/plugins/nobody").is(t, 404)
	page := string(keeper.get("/admin/plugins/linkedin").is(t, 200).body)
	for _, text := range []string{"www.linkedin.com", "linkedin.post", "Calls", "It has written nothing"} {
		if !strings.Contains(page, text) {
			t.Errorf("%q is not on the page", text)
		}
	}
	order := func() []string {
		var ids []string
		for _, o := range p.share.Order("en") {
			ids = append(ids, o.ID)
		}
		return ids
	}
	at := func(id string) int {
		for n, o := range order() {
			if o == id {
				return n
			}
		}
		t.Fatalf("%s is not offered: %v", id, order())
		return -1
	}
	before := at("twitter.post")
	keeper.post("/admin/plugins/twitter.post", "action", "up").is(t, 303)
	if at("twitter.post") != before-1 {
		t.Errorf("it did not go up: %v", order())
	}
	keeper.post("/admin/plugins/twitter.post", "action", "down").is(t, 303)
	if at("twitter.post") != before {
		t.Errorf("it did not go down: %v", order())
	}
	first := order()[0]
	keeper.post("/admin/plugins/"+first, "action", "up").is(t, 303)
	if order()[0] != first {
		t.Errorf("the first went up: %v", order())
	}
	keeper.post("/admin/plugins/links.nothing", "action", "up").is(t, 404)
	keeper.post("/admin/plugins/twitter.post/limits", "day", "many").is(t, 422)
	keeper.post("/admin/plugins/twitter.post/limits", "day", "-1").is(t, 422)
	keeper.post("/admin/plugins/twitter.post/limits", "day", "5", "month", "100", "cap", "12,50").is(t, 303)
	l, err := p.share.TargetLimits(t.Context(), "twitter.post")
	if err != nil || l.PersonDay != 5 || l.Month != 100 || l.MonthCents != 1250 {
		t.Errorf("%+v, %v", l, err)
	}
	keeper.post("/admin/plugins/twitter.nothing/limits", "day", "5").is(t, 404)
	keeper.post("/admin/plugins/facebook/settings", "action", "save").is(t, 404) // it has none
	keeper.post("/admin/plugins/nobody/settings", "action", "save").is(t, 404)
}

// A place that connects accounts is offered once it can: with the registration that an
// administrator enters.
func TestWhatConnectsNeedsARegistration(t *testing.T) {
	p := newSharer(t)
	keeper, page := p.administrator("keeper"), "/admin/plugins/linkedin"
	for _, id := range []string{"", "mine", ""} {
		keeper.post(page+".auto", "action", "enable", "from", "page").is(t, 303)
		keeper.post(page+"/settings", "action", "save", "setting-client_id", id).is(t, 303)
		told := strings.Contains(string(keeper.get(page).is(t, 200).body), "Waits for its settings")
		offered := strings.Contains(string(p.who.get("/b/"+p.badge+"/share").is(t, 200).body), "/share/linkedin.auto")
		if offered != (id != "") || told == offered {
			t.Errorf("with the client ID %q: offered %v, said to wait %v", id, offered, told)
		}
	}
}

// What charges for each share is offered only while a month has a cap.
func TestWhatChargesNeedsACap(t *testing.T) {
	p := newSharer(t)
	keeper := p.administrator("keeper")
	keeper.post("/admin/plugins/twitter/settings", "action", "save", "setting-client_id", "mine").is(t, 303)
	on := func() bool {
		return strings.Contains(string(p.who.get("/b/"+p.badge+"/share").is(t, 200).body), "/share/twitter.auto")
	}
	at := "/admin/plugins/twitter.auto"
	if to := keeper.post(at, "action", "enable", "from", "page").is(t, 303).location(); to != "/admin/plugins/twitter#t-twitter.auto" || on() {
		t.Errorf("switched on without a cap: %s", to)
	}
	if page := string(keeper.get("/admin/plugins/twitter").is(t, 200).body); !strings.Contains(page, "charges for each share. Say first what a month may cost") {
		t.Errorf("it is not said why: %s", page)
	}
	for id, want := range map[string]string{"nowhere": "plugin.error.unknown", "twitter.nowhere": "plugin.error.target"} {
		if f, ok := fault.As(p.share.Disable(t.Context(), id)); !ok || f.Key != want {
			t.Errorf("%s: got %v, want %s", id, f, want)
		}
	}
	if err := p.share.Enable(t.Context(), "twitter.auto"); !fault.Is(err, fault.Conflict) {
		t.Errorf("by the command line: %v", err)
	}
	keeper.post(at+"/limits", "cap", "5").is(t, 303)
	keeper.post(at, "action", "enable", "from", "page").is(t, 303)
	if !on() {
		t.Error("it is not offered although a month has a cap")
	}
	if page := string(keeper.post(at+"/limits", "cap", "", "day", "3").is(t, 422).body); !strings.Contains(page, "or switch it off first") {
		t.Errorf("the cap was taken away: %s", page)
	}
	p.write(`UPDATE share_limit SET month_cents = 0`) // as an older passport left it
	account := p.connect(t, "fake.blind")
	p.who.post("/share/fake.blind/"+p.badge, "account", account, "words", "again", "agree", "yes").is(t, 303)
	if n := p.count(`SELECT count(*) FROM share_job`); n != 0 {
		t.Errorf("%d shares without a cap", n)
	}
}

// Settings are asked of the plugin before they are kept; a secret is never shown.
func TestAdministratorSetsAPlugin(t *testing.T) {
	p := newSharer(t)
	keeper := p.administrator("keeper")
	stored := func() int { return len(p.texts(`SELECT plugin FROM plugin_setting`)) }
	page := "/admin/plugins/fake"
	wrong := keeper.post(page+"/settings", "action", "save", "setting-api_key", "a wrong key").is(t, 422)
	if text := string(wrong.body); !strings.Contains(text, "This key is wrong.") || strings.Contains(text, "a wrong key") || stored() != 0 {
		t.Errorf("%d stored: %s", stored(), text)
	}
	if text := string(keeper.post(page+"/settings", "action", "test", "setting-api_key", "sesame").is(t, 200).body); !strings.Contains(text, "takes these settings") || strings.Contains(text, "sesame") {
		t.Errorf("after a try: %s", text)
	}
	if stored() != 0 {
		t.Error("a test stored something")
	}
	keeper.post(page+"/settings", "action", "save", "setting-api_key", "sesame").is(t, 303)
	text := string(keeper.get(page).is(t, 200).body)
	if strings.Contains(text, "sesame") || !strings.Contains(text, "It is set and never shown again") || !strings.Contains(text, "Key of the service") {
		t.Errorf("after it was set: %s", text)
	}
	keeper.post(page+"/settings", "action", "save", "setting-api_key", "").is(t, 303)
	if _, set, err := p.share.Settings(t.Context(), "fake"); err != nil || !set["api_key"] {
		t.Errorf("an empty field deleted it: %v, %v", set, err)
	}
	keeper.post(page+"/settings", "action", "save", "forget-api_key", "true").is(t, 303)
	if _, set, err := p.share.Settings(t.Context(), "fake"); err != nil || set["api_key"] {
		t.Errorf("it was not deleted: %v, %v", set, err)
	}
	if text := string(keeper.post("/admin/plugins/twitter/settings", "action", "test", "setting-client_id", "mine").is(t, 200).body); !strings.Contains(text, "cannot try them") || !strings.Contains(text, `value="mine"`) {
		t.Errorf("after a try of what the plugin does not look at: %s", text)
	}
	keeper.post("/admin/plugins/twitter/settings", "action", "save", "setting-client_id", "mine").is(t, 303)
	for _, s := range p.plugins.List() {
		if s.ID == "twitter" && (s.Failures != 0 || len(s.Errors) != 0) {
			t.Errorf("%d failures of a plugin that has nothing to say about its settings", s.Failures)
		}
	}
}
