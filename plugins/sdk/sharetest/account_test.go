package sharetest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/sharetest"
)

const api = "https://api.garden.example/"

// garden posts to an account by OAuth and to an address.
func garden() sdk.Plugin {
	name := map[string]string{"en": "Garden"}
	return sdk.Plugin{
		ID: "garden", Version: "1.0.0", Name: name, Egress: []string{"api.garden.example"},
		Texts: map[string]map[string]string{"en": {"field.url": "Address", "field.secret": "Secret", "scope.plant": "Plant"}},
		Targets: []sdk.Target{
			{
				ID: "plant", Kind: sdk.KindAccount, Labels: name, Limits: sdk.Limits{MaxChars: 300, Count: sdk.CountGrapheme, MaxImageBytes: 1000},
				OAuth: &sdk.OAuth{AuthorizeURL: api + "authorize", TokenURL: api + "token", Scopes: []string{"plant"}},
				Post:  plant, Identify: gardener,
				Retract: func(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
					return sdk.Gone(c.HTTP.JSON(ctx, "DELETE", api+p.RemoteID, nil, nil))
				},
				Disconnect: func(ctx context.Context, c *sdk.Call) error { return c.HTTP.JSON(ctx, "POST", api+"revoke", nil, nil) },
			},
			{
				ID: "hook", Kind: sdk.KindDirect, Labels: name, Connect: []sdk.Field{{Key: "url", Type: sdk.FieldURL, Required: true}, {Key: "secret", Type: sdk.FieldSecret}},
				Post: func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
					return sdk.Posted{}, c.HTTP.With("X-Secret", c.Grant.Fields["secret"]).JSON(ctx, "POST", c.Grant.Fields["url"], map[string]string{"text": i.Posting}, nil)
				},
			},
		},
	}
}

func plant(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	if err := c.HTTP.Bytes(ctx, "POST", api+"pictures", "image/png", i.ImagePNG, nil); err != nil {
		return sdk.Posted{}, sdk.NotPosted(err)
	}
	var out struct{ ID, URL string }
	err := c.HTTP.JSON(ctx, "POST", api+"plants", map[string]string{"text": i.Posting}, &out)
	return sdk.Posted{RemoteID: out.ID, URL: out.URL}, err
}

func gardener(ctx context.Context, c *sdk.Call) (sdk.Account, error) {
	var out struct{ ID, Name string }
	err := c.HTTP.JSON(ctx, "GET", api+"me", nil, &out)
	return sdk.Account{ID: out.ID, Name: out.Name}, err
}

// careless is what an author might write without the SDK's client.
func careless(ctx context.Context, c *sdk.Call, i sdk.Item) (*http.Response, error) {
	body, err := json.Marshal(map[string]string{"text": i.Posting})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"plants", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Token", c.Grant.AccessToken) // which net/http takes along to any host
	return http.DefaultClient.Do(r)
}

func post(f func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error)) func(*sdk.Plugin) {
	return func(p *sdk.Plugin) { p.Targets[0].Post = f }
}

func coded(code sdk.Code) func(*sdk.Plugin) {
	return post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		p, err := plant(ctx, c, i)
		if err != nil {
			err = sdk.Failure{Code: code}
		}
		return p, err
	})
}

var lastGrant atomic.Value

// gardens bend a good plugin; each is found under the demand that it misses.
var gardens = map[string]struct {
	bend func(*sdk.Plugin)
	want string
}{
	"patient": {coded(sdk.Retry), "unsure after an answer of 500"},
	"hasty":   {coded(sdk.Uncertain), "not taken"},
	"deaf":    {coded(sdk.Retry), "waits as long"},
	"stubborn": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		p, err := plant(ctx, c, i)
		if sdk.CodeOf(err) == sdk.Uncertain {
			p, err = plant(ctx, c, i)
		}
		return p, err
	}), "lost answer"},
	"telling": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		resp, err := careless(ctx, c, i)
		if err != nil {
			return sdk.Posted{}, err
		}
		defer func() { _ = resp.Body.Close() }()
		return sdk.Posted{RemoteID: "1", URL: "https://garden.example/?" + c.Grant.AccessToken}, nil
	}), "sends back"},
	"trusting": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		resp, err := careless(ctx, c, i)
		if err != nil {
			return sdk.Posted{}, err
		}
		return sdk.Posted{RemoteID: "1"}, resp.Body.Close()
	}), "another host"},
	"hungry": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		resp, err := careless(ctx, c, i)
		if err != nil {
			return sdk.Posted{}, err
		}
		defer func() { _ = resp.Body.Close() }()
		_, err = io.ReadAll(resp.Body)
		return sdk.Posted{RemoteID: "1"}, err
	}), "50 MB"},
	"endless": {post(func(_ context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		resp, err := careless(context.Background(), c, i)
		if err != nil {
			return sdk.Posted{}, err
		}
		return sdk.Posted{RemoteID: "1"}, resp.Body.Close()
	}), "silent"},
	"roaming": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		_ = c.HTTP.JSON(ctx, "GET", "https://statistics.example/", nil, nil)
		return plant(ctx, c, i)
	}), "hosts that it named"},
	"mixing": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		before := lastGrant.Swap(c.Grant.AccessToken)
		if token, ok := before.(string); ok && strings.Contains(i.URL, "number") {
			c.HTTP.With("Authorization", "Bearer "+token)
		}
		return plant(ctx, c, i)
	}), "grants apart"},
	"anonymous": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		_, err := plant(ctx, c, i)
		return sdk.Posted{}, err
	}), "with an id"},
	"idle": {post(func(context.Context, *sdk.Call, sdk.Item) (sdk.Posted, error) { return sdk.Posted{RemoteID: "1"}, nil }), "with an id"},
	"frail": {post(func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		p, err := plant(ctx, c, i)
		if err != nil {
			panic(err)
		}
		return p, nil
	}), "not taken"},
	"nosy": {func(p *sdk.Plugin) {
		p.Targets[0].Text = func(i sdk.Item, _ map[string]string) (string, error) {
			_ = sdk.NewClient().JSON(context.Background(), "GET", api, nil, nil)
			return i.URL, nil
		}
	}, "previews what it would post"},
	"wordy": {func(p *sdk.Plugin) {
		p.Targets[0].Text = func(i sdk.Item, _ map[string]string) (string, error) { return sdk.Words(i) + " " + i.URL, nil }
	}, "previews what it would post"},
	"cut": {func(p *sdk.Plugin) {
		p.Targets[0].Text = func(i sdk.Item, _ map[string]string) (string, error) { return i.URL[:20], nil }
	}, "previews what it would post"},
	"strict": {func(p *sdk.Plugin) {
		p.Targets[0].Retract = func(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
			return c.HTTP.JSON(ctx, "DELETE", api+p.RemoteID, nil, nil)
		}
	}, "twice"},
	"lazy": {func(p *sdk.Plugin) {
		p.Targets[0].Retract = func(context.Context, *sdk.Call, sdk.Posted) error { return nil }
	}, "twice"},
	"clinging": {func(p *sdk.Plugin) {
		p.Targets[0].Disconnect = func(context.Context, *sdk.Call) error { return errors.New("not dead") }
	}, "dead"},
	"fickle": {func(p *sdk.Plugin) {
		p.Targets[0].Identify = func(context.Context, *sdk.Call) (sdk.Account, error) {
			return sdk.Account{ID: rand.Text(), Name: "x"}, nil
		}
	}, "same account"},
	"fragile": {func(p *sdk.Plugin) {
		p.Targets[1].Post = func(_ context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
			return sdk.Posted{RemoteID: fmt.Sprint(i.URL[0])}, nil
		}
	}, "nothing in it"},
	"scripted": {func(p *sdk.Plugin) {
		p.Icon = []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)
	}, "icons"},
	"networked": {func(p *sdk.Plugin) {
		p.Hosts, p.Targets = []string{"garden.example"}, append(p.Targets, sdk.Target{ID: "link", Labels: p.Name, URL: func(i sdk.Item) (string, error) {
			_ = sdk.NewClient().JSON(context.Background(), "GET", api, nil, nil)
			return sdk.Link("https://garden.example/", "u", i.URL), nil
		}})
	}, "addresses without the network"},
}

func TestGoodGarden(t *testing.T) { sharetest.Test(t, self(t), "garden") }

// Each fault is found under its own demand.
func TestFaultyGardens(t *testing.T) {
	for name, g := range gardens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := sharetest.Meet(t.Context(), g.want, self(t), "garden-"+name); err != nil {
				t.Error(err)
			}
		})
	}
}

// A remote of its own, and values that a plugin insists on.
func TestOwnRemote(t *testing.T) {
	s := sharetest.Suite{
		Command: []string{self(t), "garden-choosy"}, Fields: map[string]string{"url": "https://elsewhere.example/", "hook.url": "https://hooks.garden.example/abc"},
		Remote: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"ID":"own","name":"own","url":"https://garden.example/own"}`)
		}),
	}
	s.Test(t)
}

// gardenOf gives the plugin of an argument such as "garden-hungry".
func gardenOf(arg string) (sdk.Plugin, bool) {
	p := garden()
	name, is := strings.CutPrefix(arg, "garden")
	g, bent := gardens[strings.TrimPrefix(name, "-")]
	switch {
	case bent:
		g.bend(&p)
	case name == "-choosy":
		p.Targets[1].Post = func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
			if c.Grant.Fields["url"] != "https://hooks.garden.example/abc" {
				return sdk.Posted{}, errors.New("not this address")
			}
			return sdk.Posted{}, c.HTTP.JSON(ctx, "POST", c.Grant.Fields["url"], i.Posting, nil)
		}
	}
	return p, is
}
