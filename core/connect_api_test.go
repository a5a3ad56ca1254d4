package core

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/connect"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

const credentialsPath = "/ims/ob/v3p0/credentials"

// ask sends a program's request with a token.
func (p *passport) ask(path, token string, headers ...string) answer {
	p.t.Helper()
	return p.visitor().send(http.MethodGet, path, "", nil, append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

// TestAPageOfAnotherSiteAsks: a browser lets an app in a page read what its token opens,
// and sends no cookie along.
func TestAPageOfAnotherSiteAsks(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	access := p.phone(true, connect.ReadProfile).enter(ada).AccessToken
	from := []string{"Origin", "https://app.people.test"}
	for path, method := range map[string]string{"/ims/ob/v3p0/profile": "GET", "/ims/ob/v3p0/credentials": "GET", "/ims/ob/v3p0/discovery": "GET", "/oauth/token": "POST", "/oauth/register": "POST"} {
		a := p.visitor().send(http.MethodOptions, path, "", nil, append(from, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization")...).is(t, 204)
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Methods") != method || !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	for _, a := range []answer{
		p.ask("/ims/ob/v3p0/profile", access, from...).is(t, 200), p.ask("/ims/ob/v3p0/profile", "none", from...).is(t, 401), p.ask("/ims/ob/v3p0/discovery", "none", from...).is(t, 200),
		p.visitor().send(http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", []byte("grant_type=x"), from...).is(t, 401),
	} {
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", a.name, a.header)
		}
	}
	for _, path := range []string{"/badges", "/settings/data", "/oauth/authorize", "/@ada"} { // pages that know who reads them
		if a := ada.send(http.MethodGet, path, "", nil, from...); a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is open to pages of other sites", path)
		}
	}
}

// TestAdministratorsEndApps: they see who registered and how many let it in, and end it.
func TestAdministratorsEndApps(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		admin, ada := p.administrator("keeper"), p.member("ada")
		ada.get("/admin/apps").is(t, 403)
		ada.post("/admin/apps", "app", "x").is(t, 403)
		admin.get("/admin/apps").is(t, 200).has(t, "No app has registered itself")
		phone := p.phone(false, connect.ReadBadges)
		access := phone.enter(ada).AccessToken
		page := admin.get("/admin/apps").is(t, 200).has(t, "1 person let it in")
		app := page.attribute(t, `button[name="app"]`, "value")
		for i := range 51 {
			p.write(`INSERT INTO oauth_client (id, known, secret_hash, name, metadata, created_at, used_at) VALUES ($1, FALSE, $2, 'x', '{"client_name":"Idle","redirect_uris":["https://idle.people.test/cb"]}', 1, $3)`,
				"idle"+strconv.Itoa(i), []byte{}, db.Micros(p.base.Now())-int64(i%2)*1_000_000)
		}
		page = admin.get("/admin/apps").is(t, 200)
		seen := len(page.all(t, `button[name="app"]`))
		more := admin.get(page.attribute(t, `a[href^="/admin/apps?before="]`, "href")).is(t, 200)
		if seen += len(more.all(t, `button[name="app"]`)); seen != 52 {
			t.Errorf("%d apps on two pages", seen)
		}
		p.ask(credentialsPath, access).is(t, 200)
		admin.post("/admin/apps", "app", app).is(t, 303)
		p.ask(credentialsPath, access).is(t, 401)
		admin.post("/admin/apps", "app", app).is(t, 404)
		if n := p.count(`SELECT count(*) FROM oauth_grant`); n != 0 {
			t.Errorf("%d grants are left", n)
		}
	})
}

// TestTheOpenBadgesAPI: what an app reads is what its person holds, in the two lists
// of Open Badges, a part at a time, and byte for byte what came in.
func TestTheOpenBadgesAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		ada, bob := p.member("ada"), p.member("bob")
		issuer := newSigner(t, "Issuer")
		bob.take(t, issuer, issuer.badge("Of bob", "bob@people.test"))
		var ids []string
		for _, name := range []string{"First", "Second", "Third", "Removed", "Forged", "Unclaimed"} {
			ids = append(ids, ada.take(t, issuer, issuer.badge(name, "ada@people.test")))
		}
		token, err := issuer.key.Token(issue.Credential3(issuer.badge("As a token", "ada@people.test")), map[string]any{"kid": issuer.key.DIDKey() + "#" + issuer.key.Multibase()})
		if err != nil {
			t.Fatal(err)
		}
		ada.upload("/add", "file", "token.jwt", token).is(t, 303)
		ada.post("/badges/bulk", "badge", ids[3], "do", "remove", "value", "yes").is(t, 303)
		p.write(`UPDATE badge SET verdict = 'invalid' WHERE public_id = $1`, ids[4])
		p.write(`UPDATE badge SET unclaimed = TRUE WHERE public_id = $1`, ids[5])
		access := p.phone(true, connect.ReadBadges).enter(ada).AccessToken

		var all struct {
			Credential []struct {
				Name string `json:"name"`
			} `json:"credential"`
			Tokens []string `json:"compactJwsString"`
		}
		got := p.ask(credentialsPath, access).is(t, 200)
		if err := json.Unmarshal(got.body, &all); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range all.Credential {
			names = append(names, c.Name)
		}
		if !slices.Equal(names, []string{"Third", "Second", "First"}) || !slices.Equal(all.Tokens, []string{string(token)}) {
			t.Errorf("%s gives %q and %q", got.name, names, all.Tokens)
		}
		if got.header.Get("X-Total-Count") != "4" || got.header.Get("Link") != "" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers: %v", got.header)
		}
		raw := ada.get("/b/"+ids[0]+"/download/credential").is(t, 200).body
		if !strings.Contains(string(got.body), strings.TrimSpace(string(raw))) {
			t.Error("a credential is not what came in")
		}
		part := p.ask(credentialsPath+"?limit=1&offset=1&since=2020-01-01T00:00:00", access).is(t, 200)
		link := part.header.Get("Link")
		for _, want := range []string{"limit=1&offset=2&since=2020-01-01T00%3A00%3A00>; rel=\"next\"", "offset=3&since", "rel=\"last\"", "rel=\"first\"", "offset=0&since=2020-01-01T00%3A00%3A00>; rel=\"prev\"", "<" + p.url + credentialsPath + "?"} {
			if !strings.Contains(link, want) {
				t.Errorf("Link %s lacks %s", link, want)
			}
		}
		if strings.Contains(string(part.body), "First") || !strings.Contains(string(part.body), "Third") {
			t.Errorf("the second of four is %s", part)
		}
		p.ask(credentialsPath+"?since=2030-01-01T00:00:00Z", access).is(t, 200).has(t, `{"credential":[],"compactJwsString":[]}`)
		p.ask(credentialsPath+"?offset=99", access).is(t, 200).has(t, `{"credential":[],"compactJwsString":[]}`)
	})
}

// TestWhatTheAPIRefuses: each refusal is an Imsx_StatusInfo, and says in a header what
// a token needs.
func TestWhatTheAPIRefuses(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	badges, profile := p.phone(true, connect.ReadBadges).enter(ada).AccessToken, p.phone(true, connect.ReadProfile).enter(ada).AccessToken
	for _, c := range []struct {
		name, path, authorization string
		status                    int
		minor, header             string
	}{
		{"no token", credentialsPath, "", 401, "unauthorizedrequest", "Bearer realm"},
		{"unknown token", credentialsPath, "Bearer x", 401, "unauthorizedrequest", "invalid_token"},
		{"token in the address", credentialsPath + "?access_token=" + badges, "", 401, "unauthorizedrequest", "Bearer realm"},
		{"Basic", credentialsPath, "Basic eDp5", 401, "unauthorizedrequest", "Bearer realm"},
		{"another scope", credentialsPath, "Bearer " + profile, 403, "forbidden", "insufficient_scope"},
		{"another scope", "/ims/ob/v3p0/profile", "Bearer " + badges, 403, "forbidden", "insufficient_scope"},
		{"limit of nothing", credentialsPath + "?limit=0", "Bearer " + badges, 400, "invalid_query_parameter", ""},
		{"limit of many", credentialsPath + "?limit=99999999999", "Bearer " + badges, 400, "invalid_query_parameter", ""},
		{"offset before the first", credentialsPath + "?offset=-1", "Bearer " + badges, 400, "invalid_query_parameter", ""},
		{"limit twice", credentialsPath + "?limit=1&limit=2", "Bearer " + badges, 400, "invalid_query_parameter", ""},
		{"no time", credentialsPath + "?since=yesterday", "Bearer " + badges, 400, "invalid_query_parameter", ""},
		{"no query", credentialsPath + "?limit=%zz", "Bearer " + badges, 400, "invalid_data", ""},
	} {
		got := ada.get(c.path, "Authorization", c.authorization) // with a session, which counts for nothing
		var info struct {
			Major    string `json:"imsx_codeMajor"`
			Severity string `json:"imsx_severity"`
			Minor    struct {
				Fields []struct {
					Name  string `json:"imsx_codeMinorFieldName"`
					Value string `json:"imsx_codeMinorFieldValue"`
				} `json:"imsx_codeMinorField"`
			} `json:"imsx_codeMinor"`
		}
		err := json.Unmarshal(got.body, &info)
		if err != nil || got.status != c.status || info.Major != "failure" || info.Severity != "error" || len(info.Minor.Fields) != 1 || info.Minor.Fields[0].Value != c.minor {
			t.Errorf("%s: %s", c.name, got)
		}
		if !strings.Contains(got.header.Get("WWW-Authenticate"), c.header) || (c.header == "") != (got.header.Get("WWW-Authenticate") == "") {
			t.Errorf("%s: WWW-Authenticate %q", c.name, got.header.Get("WWW-Authenticate"))
		}
	}
	for _, path := range []string{"/badges", "/settings", "/settings/data"} {
		if got := p.ask(path, badges); got.status != 303 && got.status != 401 {
			t.Errorf("a token opens a page: %s", got)
		}
	}
}

func TestTheProfileAndTheDescription(t *testing.T) {
	p := startPassport(t, options{})
	ada := p.member("ada")
	access := p.phone(true, connect.ReadProfile).enter(ada).AccessToken
	p.ask("/ims/ob/v3p0/profile", access).is(t, 200).has(t, `"type":["Profile"]`).has(t, `"id":"`+p.url+`/@ada"`)
	var d struct {
		OpenAPI string `json:"openapi"`
		Info    struct {
			Title   string `json:"title"`
			Version string `json:"version"`
			Terms   string `json:"termsOfService"`
			Privacy string `json:"x-imssf-privacyPolicyUrl"`
		} `json:"info"`
		Components struct {
			Schemes map[string]struct {
				Type     string `json:"type"`
				Register string `json:"x-imssf-registrationUrl"`
				Flows    map[string]struct {
					Authorize string            `json:"authorizationUrl"`
					Token     string            `json:"tokenUrl"`
					Refresh   string            `json:"refreshUrl"`
					Scopes    map[string]string `json:"scopes"`
				} `json:"flows"`
			} `json:"securitySchemes"`
		} `json:"components"`
	}
	got := p.visitor().get("/ims/ob/v3p0/discovery").is(t, 200)
	if err := json.Unmarshal(got.body, &d); err != nil {
		t.Fatal(err)
	}
	flow := d.Components.Schemes["OAuth2ACG"].Flows["authorizationCode"]
	if !strings.HasPrefix(d.OpenAPI, "3.0") || d.Info.Title == "" || d.Info.Version == "" || d.Info.Terms == "" || d.Info.Privacy == "" ||
		d.Components.Schemes["OAuth2ACG"].Register != p.url+"/oauth/register" || flow.Authorize != p.url+"/oauth/authorize" || flow.Token != p.url+"/oauth/token" ||
		flow.Refresh != flow.Token || flow.Scopes[connect.ReadBadges] == "" {
		t.Errorf("%s", got)
	}
}
