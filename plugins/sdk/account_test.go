package sdk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// connected is a plugin that uses all that the contract has for accounts.
const connected = `
id: plaza
version: 1.2.3
egress: [api.plaza.example]
settings:
  - {key: client_id, required: true, max: 200}
  - {key: client_secret, type: secret, required: true}
  - {key: api_version, fallback: "202601"}
targets:
  - id: auto
    kind: account
    items: [badge, page]
    instance: true
    retract: true
    idempotent: 1h
    oauth:
      authorize: https://{instance}/oauth/authorize
      token: https://{instance}/oauth/token
      revoke: https://{instance}/oauth/revoke
      scopes: ["write:statuses", profile]
      client_auth: basic
      par: https://{instance}/oauth/par
      dpop: true
      client_metadata: true
      provision: true
    options:
      - {key: audience, type: choice, choices: [public, followers], fallback: public}
    limits: {max_chars: 500, count: url23, max_image_bytes: 900000, per_person_day: 20, cost_cents: 20, currency: USD}
  - id: typed
    kind: account
    off: true
    connect: [{key: site, type: url, required: true}, {key: secret, type: secret}]
  - id: mail
    kind: direct
    by_mail: true
    purpose: send
    options: [{key: to, type: email, required: true}]
i18n:
  en:
    name: Plaza
    auto: Post for me
    typed: Post on my site
    mail: Send as a mail
    field.client_id: Client ID
    field.client_secret: Client secret
    field.client_secret.help: From the page of your application.
    field.api_version: Version of the API
    field.audience: Who sees it
    field.site: Address
    field.secret: Secret
    field.to: To
    choice.audience.public: Everybody
    choice.audience.followers: Those who follow me
    scope.write:statuses: Post for you
    scope.profile: Read your name
    failure.full: The plaza is full.
  fr: {name: Plaza, auto: Publier pour moi, field.to: À}
`

func plaza() sdk.Plugin {
	return sdk.Plugin{Manifest: []byte(connected), Check: checkPlaza, Targets: []sdk.Target{
		{
			ID: "auto", Post: postPlaza, Identify: identifyPlaza, Provision: provisionPlaza,
			Retract: func(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
				return sdk.Gone(c.HTTP.JSON(ctx, "DELETE", "https://api.plaza.example/posts/"+p.RemoteID, nil, nil))
			},
			Disconnect: func(ctx context.Context, c *sdk.Call) error {
				return c.HTTP.JSON(ctx, "POST", "https://api.plaza.example/revoke", nil, nil)
			},
		},
		{
			ID: "typed", Post: noPost, Identify: noIdentify,
			Resume: func(_ context.Context, _ *sdk.Call, i sdk.Item, state string) (sdk.Posted, error) {
				return sdk.Posted{RemoteID: state, URL: i.Posting}, nil
			},
			Text: func(i sdk.Item, options map[string]string) (string, error) {
				if i.Text == "" {
					return "", errors.Join(sdk.FieldError{Key: "site", Text: "not there"}, errors.New("say something"))
				}
				return i.Text + options["tail"], nil
			},
		},
	}}
}

func postPlaza(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	var out struct{ ID, State string }
	in := map[string]string{"text": i.Posting, "audience": c.Options["audience"], "key": c.Key, "version": c.Settings["api_version"], "lang": c.Lang}
	err := c.HTTP.JSON(ctx, "POST", "https://api.plaza.example/posts", in, &out)
	if out.State != "" {
		return sdk.Posted{Pending: &sdk.Pending{State: out.State, After: 1500 * time.Millisecond}}, err
	}
	return sdk.Posted{RemoteID: out.ID, URL: "https://plaza.example/" + out.ID}, err
}

func identifyPlaza(_ context.Context, c *sdk.Call) (sdk.Account, error) {
	if c.Grant.AccessToken == "" {
		return sdk.Account{}, errors.New("no token, and the secret is " + c.Settings["client_secret"])
	}
	return sdk.Account{ID: c.Grant.Instance + "/1", Name: "ada\n", URL: "https://plaza.example/ada", Instance: c.Grant.Instance}, nil
}

func provisionPlaza(_ context.Context, _ *sdk.Call, r sdk.Registration) (sdk.OAuthApp, error) {
	if r.Instance == "closed.example" {
		return sdk.OAuthApp{}, sdk.Failure{Code: sdk.Rejected, Key: "full"}
	}
	return sdk.OAuthApp{ClientID: r.ClientName, ClientSecret: "s", TokenURL: "https://" + r.Instance + "/token", Issuer: r.RedirectURI}, nil
}

func checkPlaza(_ context.Context, settings map[string]string, test bool) ([]sdk.FieldError, error) {
	if test {
		return nil, sdk.Failure{Code: sdk.Reauth, Detail: "not taken: " + settings["client_secret"]}
	}
	return []sdk.FieldError{{Key: "api_version", Text: settings["api_version"]}}, nil
}

func noPost(context.Context, *sdk.Call, sdk.Item) (sdk.Posted, error) { return sdk.Posted{}, nil }

func noIdentify(context.Context, *sdk.Call) (sdk.Account, error) { return sdk.Account{}, nil }

func serve(t *testing.T, role string) wire.ShareTargetClient {
	t.Helper()
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: client{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, AutoMTLS: true, Cmd: self(t, role), Logger: hclog.NewNullLogger(),
	})
	t.Cleanup(c.Kill)
	protocol, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := protocol.Dispense(wire.Name)
	if err != nil {
		t.Fatal(err)
	}
	return raw.(wire.ShareTargetClient)
}

// What a manifest says of accounts arrives at the host as it was written.
func TestDescribedOverTheWire(t *testing.T) {
	w, err := serve(t, "plaza").Describe(t.Context(), &wire.DescribeRequest{ApiMinor: wire.Minor})
	if err != nil {
		t.Fatal(err)
	}
	got := sdk.FromWire(w)
	want, err := plaza().Descriptor()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	auto, typed := got.Targets[0], got.Targets[1]
	if o := auto.OAuth; o.ClientAuth != sdk.AuthBasic || !o.DPoP || !o.Provision || !o.ClientMetadata || o.PARURL == "" || len(o.Scopes) != 2 {
		t.Errorf("got oauth %+v", o)
	}
	if l := auto.Limits; l != (sdk.Limits{MaxChars: 500, Count: sdk.CountURL23, MaxImageBytes: 900000, PerPersonDay: 20, CostCents: 20, Currency: "USD"}) {
		t.Errorf("got limits %+v", l)
	}
	if !auto.Retract || auto.Resume || auto.Idempotent != time.Hour || auto.Kind != sdk.KindAccount || typed.Retract || !typed.Resume || typed.Connect[0].Type != sdk.FieldURL {
		t.Errorf("got %+v, %+v", auto, typed)
	}
	for _, tt := range [][3]string{{"field.to", "fr", "À"}, {"field.to", "fr-CA", "À"}, {"field.site", "fr", "Address"}, {"field.to", "de", "To"}, {"field.nothing", "en", ""}} {
		if text := got.Text(tt[0], tt[1]); text != tt[2] {
			t.Errorf("%s in %s: got %q", tt[0], tt[1], text)
		}
	}
}

// Each fault of a manifest about accounts is told to its author.
func TestAccountFaults(t *testing.T) {
	tests := []struct{ name, old, becomes, want string }{
		{"as it is", "", "", ""},
		{"egress with a port", "api.plaza.example", "api.plaza.example:8443", "host name"},
		{"field twice", "key: client_secret", "key: client_id", "there twice"},
		{"key", "key: api_version", "key: API", "does not match"},
		{"type", "type: choice", "type: colour", "is not known"},
		{"no choices", "choices: [public, followers], fallback: public", "max: 3", "choices: 1 to"},
		{"fallback", "fallback: public", "fallback: nobody", "none of the choices"},
		{"fallback of what is required", "required: true, max: 200", "required: true, fallback: x", "no fallback"},
		{"text of a field", "    field.site: Address\n", "", `text "field.site" is missing`},
		{"text of a choice", "    choice.audience.public: Everybody\n", "", `"choice.audience.public" is missing`},
		{"text of a scope", "    scope.profile: Read your name\n", "", `"scope.profile" is missing`},
		{"text of nothing", "field.to: À", "field.too: À", "field.too"},
		{"failure", "failure.full: The", "failure.FULL: The", "failure.FULL"},
		{"client auth", "client_auth: basic", "client_auth: jwt", "client_auth"},
		{"scope", "profile]", `"a b"]`, "scopes"},
		{"endpoint without protection", "token: https:", "token: http:", "token is not an https address"},
		{"endpoint with a user", "token: https://", "token: https://a@", "token is not an https address"},
		{"endpoint in the path", "https://{instance}/oauth/token", "https://a.example/{instance}", "token is not an https address"},
		{"provision without instance", "    instance: true\n", "", "provision needs instance"},
		{"both ways to connect", "    connect: [", "    oauth: {authorize: https://a.example/a, token: https://a.example/t}\n    connect: [", "either oauth or connect"},
		{"no way to connect", "connect: [{key: site, type: url, required: true}, {key: secret, type: secret}]", "items: [badge]", "either oauth or connect"},
		{"mail to nobody", "{key: to, type: email", "{key: to, type: text", "of type email"},
		{"kind", "kind: direct", "kind: link", "a link has no"},
		{"idempotent", "idempotent: 1h", "idempotent: 1ms", "whole seconds"},
		{"count", "count: url23", "count: words", "count"},
		{"cost", "currency: USD", "currency: dollars", "currency"},
		{"negative", "per_person_day: 20", "per_person_day: -1", "negative"},
		{"retract without code", "off: true", "retract: true", "no Retract function"},
		{"unknown key", "dpop: true", "dpopp: true", "dpopp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plaza()
			if !strings.Contains(connected, tt.old) {
				t.Fatalf("%q is not in the manifest", tt.old)
			}
			p.Manifest = []byte(strings.Replace(connected, tt.old, tt.becomes, 1))
			_, err := p.Descriptor()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A target has the functions of its kind, and no other.
func TestFunctionFaults(t *testing.T) {
	tests := []struct {
		name string
		bend func(p *sdk.Plugin)
		want string
	}{
		{"no post", func(p *sdk.Plugin) { p.Targets[0].Post = nil }, "no Post function"},
		{"no identify", func(p *sdk.Plugin) { p.Targets[0].Identify = nil }, "no Identify function"},
		{"no provision", func(p *sdk.Plugin) { p.Targets[0].Provision = nil }, "no Provision function"},
		{"an address", func(p *sdk.Plugin) { p.Targets[0].URL = func(sdk.Item) (string, error) { return "", nil } }, "URL function that is never called"},
		{"a mail that is posted", func(p *sdk.Plugin) { p.Targets = append(p.Targets, sdk.Target{ID: "mail", Post: noPost}) }, "Post function that is never called"},
		{"nobody", func(p *sdk.Plugin) { p.Targets = p.Targets[:1] }, `"typed" of the manifest`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plaza()
			tt.bend(&p)
			if _, err := p.Descriptor(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A resume function makes the target one that can resume; fields without a type are text.
func TestGoAloneOfAccounts(t *testing.T) {
	p := sdk.Plugin{
		ID: "garden", Version: "1", Name: map[string]string{"en": "Garden"}, Egress: []string{"garden.example"},
		Settings: []sdk.Field{{Key: "bed"}}, Texts: map[string]map[string]string{"en": {"field.bed": "Bed", "field.key": "Key"}},
		Targets: []sdk.Target{{
			ID: "plant", Kind: sdk.KindAccount, Labels: map[string]string{"en": "Plant"}, Connect: []sdk.Field{{Key: "key", Type: sdk.FieldSecret}},
			Post: noPost, Identify: noIdentify, Limits: sdk.Limits{MaxChars: 10}, Idempotent: time.Minute,
			Resume: func(context.Context, *sdk.Call, sdk.Item, string) (sdk.Posted, error) { return sdk.Posted{}, nil },
		}},
	}
	d, err := p.Descriptor()
	if err != nil {
		t.Fatal(err)
	}
	got := d.Targets[0]
	if !got.Resume || got.Retract || got.Limits.Count != sdk.CountRune || got.Idempotent != time.Minute || d.Settings[0].Type != sdk.FieldText || d.Egress[0] != "garden.example" {
		t.Errorf("got %+v of %+v", got, d)
	}
}
