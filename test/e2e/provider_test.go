package e2e

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"golang.org/x/text/language"
)

const providerPassword = "a-password-at-the-college"

// provider is a real OpenID Connect provider on loopback.
type provider struct {
	issuer  string
	clients map[string]*storage.Client
}

// people are those whom the provider knows.
type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }

func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (people) ExampleClientID() string { return "service" }

func startProvider(t *testing.T, known ...*storage.User) *provider {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the provider logs each request there
	users := people{}
	for _, u := range known {
		u.Password, u.PreferredLanguage = providerPassword, language.English
		users[u.ID] = u
	}
	var handler http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	p := &provider{issuer: s.URL, clients: map[string]*storage.Client{}}
	handler = exampleop.SetupServer(s.URL, storage.NewStorageWithClients(users, p.clients), nil, false)
	return p
}

// register tells the provider of the passport at an address, which calls it by an id.
// Nobody may be signing in meanwhile.
func (p *provider) register(site, id string) {
	p.clients["osier"] = storage.WebClient("osier", "a-secret-of-two", site+"/auth/"+id+"/callback")
}

// config is the block of config.toml.
func (p *provider) config(id, name string) string {
	return `
[[oidc]]
id = "` + id + `"
name = "` + name + `"
issuer = "` + p.issuer + `"
client_id = "osier"
client_secret = "a-secret-of-two"
`
}
