package core

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// fakePlugin is a plugin for the remote of these tests. It speaks the contract
// itself, so that the host is held against the wire and not against our SDK.
type fakePlugin struct {
	plugin.NetRPCUnsupportedPlugin
	wire.UnimplementedShareTargetServer
}

func serveFake() {
	os.Stdout = os.NewFile(1, "stdout") // the sdk, which this binary has too, leads it elsewhere
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: &fakePlugin{}}},
		GRPCServer:       plugin.DefaultGRPCServer,
	})
}

// GRPCServer registers the service.
func (p *fakePlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	wire.RegisterShareTargetServer(s, p)
	return nil
}

// GRPCClient is the host's half.
func (p *fakePlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a plugin is no client")
}

var badges = []wire.ItemType{wire.ItemType_ITEM_TYPE_BADGE, wire.ItemType_ITEM_TYPE_PAGE, wire.ItemType_ITEM_TYPE_PROFILE}

// Describe offers one target of each shape.
func (p *fakePlugin) Describe(context.Context, *wire.DescribeRequest) (*wire.Descriptor, error) {
	oauth := &wire.OAuth{
		AuthorizeUrl: "https://{instance}/authorize", TokenUrl: "https://{instance}/token", RevokeUrl: "https://{instance}/revoke",
		Scopes: []string{"write:posts", "read:me"}, Provision: true,
	}
	limits := &wire.Limits{MaxChars: 500, Count: wire.Limits_COUNT_URL23, PerPersonDay: 30, MaxImageBytes: 900_000}
	account := func(id string, seconds uint32, resume bool) *wire.Target {
		return &wire.Target{
			Id: id, Kind: wire.Kind_KIND_ACCOUNT, Items: badges, Oauth: oauth, NeedsInstance: true, Limits: limits,
			CanRetract: true, CanResume: resume, IdempotentSeconds: seconds, Options: []*wire.Field{
				{Key: "audience", Type: wire.Field_TYPE_CHOICE, Choices: []string{"everybody", "followers"}, Fallback: "everybody"},
			},
		}
	}
	texts := map[string]string{
		"name": "Fakery", "keyed": "Post for me", "looking": "Post and look", "blind": "Post blindly", "direct": "Send to an address", "letter": "Write a letter",
		"scope.write:posts": "Post for you", "scope.read:me": "See your name", "field.audience": "Who sees it",
		"choice.audience.everybody": "Everybody", "choice.audience.followers": "Followers", "failure.blocked": "The service shut us out.",
		"field.address": "Address", "field.password": "Password", "field.api_key": "Key of the service", "field.to": "To",
	}
	return &wire.Descriptor{
		Id: "fake", Version: "1.0.0", ApiMinor: wire.Minor, Hosts: []string{remoteHost}, Egress: []string{"other.example.com"},
		Settings: []*wire.Field{{Key: "api_key", Type: wire.Field_TYPE_SECRET}},
		I18N:     map[string]*wire.Strings{"en": {Text: texts}},
		Targets: []*wire.Target{
			account("keyed", 3600, false), account("looking", 0, true), paid(account("blind", 0, false)),
			{Id: "direct", Kind: wire.Kind_KIND_DIRECT, Purpose: wire.Purpose_PURPOSE_SEND, Items: badges, Connect: []*wire.Field{
				{Key: "address", Type: wire.Field_TYPE_URL, Required: true}, {Key: "password", Type: wire.Field_TYPE_SECRET, Required: true},
			}},
			{Id: "letter", Kind: wire.Kind_KIND_DIRECT, Purpose: wire.Purpose_PURPOSE_SEND, Items: badges, ByMail: true, Options: []*wire.Field{{Key: "to", Type: wire.Field_TYPE_EMAIL}}},
		},
	}, nil
}

// paid is a target whose service charges for each share.
func paid(t *wire.Target) *wire.Target {
	t.Limits = &wire.Limits{MaxChars: 500, PerPersonDay: 30, MaxImageBytes: 900_000, CostCents: 25, Currency: "EUR"}
	return t
}

// Configure knows one wrong key.
func (p *fakePlugin) Configure(_ context.Context, r *wire.ConfigureRequest) (*wire.ConfigureResponse, error) {
	if r.GetSettings()["api_key"] == "a wrong key" {
		return &wire.ConfigureResponse{Errors: []*wire.FieldError{{Key: "api_key", Text: "This key is wrong."}}}, nil
	}
	return &wire.ConfigureResponse{}, nil
}

// Provision registers.
func (p *fakePlugin) Provision(_ context.Context, r *wire.ProvisionRequest) (*wire.ProvisionResponse, error) {
	var a struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	status, _, err := call("POST", "https://"+r.GetInstance()+"/register", "", "", url.Values{"redirect_uri": {r.GetRedirectUri()}}, &a)
	if err != nil || status != 200 {
		return &wire.ProvisionResponse{Result: &wire.ProvisionResponse_Failure{Failure: &wire.Failure{Code: wire.Failure_CODE_RETRY, Detail: fmt.Sprint(status, err)}}}, nil
	}
	return &wire.ProvisionResponse{Result: &wire.ProvisionResponse_App{App: &wire.OAuthApp{ClientId: a.ID, ClientSecret: a.Secret, Issuer: "https://" + remoteHost}}}, nil
}

func authorisation(g *wire.Grant) string {
	if p := g.GetFields()["password"]; p != "" {
		return p
	}
	return g.GetAccessToken()
}

// Identify asks who it is, and prints the token as a careless plugin does.
func (p *fakePlugin) Identify(_ context.Context, r *wire.IdentifyRequest) (*wire.IdentifyResponse, error) {
	fmt.Fprintln(os.Stderr, "identify with", authorisation(r.GetGrant()))
	var a struct{ ID, Name string }
	status, _, err := call("GET", base(r.GetGrant())+"/me", authorisation(r.GetGrant()), "", nil, &a)
	if err != nil || status != 200 {
		return &wire.IdentifyResponse{Result: &wire.IdentifyResponse_Failure{Failure: failure(status, "", err)}}, nil
	}
	return &wire.IdentifyResponse{Result: &wire.IdentifyResponse_Account{Account: &wire.Account{Id: a.ID, Name: a.Name, Url: "https://" + remoteHost + "/@ada"}}}, nil
}

func base(g *wire.Grant) string {
	if a := g.GetFields()["address"]; a != "" {
		return strings.TrimSuffix(a, "/")
	}
	return "https://" + g.GetInstance()
}

func textOf(r *wire.ShareRequest) string {
	return strings.TrimSpace(r.GetText() + " " + r.GetItem().GetTitle() + " " + r.GetItem().GetUrl())
}

// Preview gives the text.
func (p *fakePlugin) Preview(_ context.Context, r *wire.ShareRequest) (*wire.PreviewResponse, error) {
	text := textOf(r)
	return &wire.PreviewResponse{Text: text, Used: uint32(len([]rune(text))), Max: 500, Subject: "About " + r.GetItem().GetTitle()}, nil
}

// Share posts.
func (p *fakePlugin) Share(_ context.Context, r *wire.ShareRequest) (*wire.ShareResponse, error) {
	if strings.Contains(r.GetText(), "in a while") || strings.Contains(r.GetText(), "for ever") {
		return pending("asked 0 times"), nil
	}
	var a struct{ ID, URL string }
	status, header, err := call("POST", base(r.GetGrant())+"/posts", authorisation(r.GetGrant()), r.GetIdempotencyKey(), url.Values{"text": {textOf(r)}, "image": {strconv.Itoa(len(r.GetItem().GetImagePng()))}}, &a)
	if header.Get("X-Crash") != "" {
		os.Exit(7)
	}
	if err != nil || status != 200 {
		return &wire.ShareResponse{Result: &wire.ShareResponse_Failure{Failure: failure(status, header.Get("Retry-After"), err)}}, nil
	}
	return &wire.ShareResponse{Result: &wire.ShareResponse_Posted{Posted: &wire.Posted{RemoteId: a.ID, Url: a.URL}}}, nil
}

func pending(state string) *wire.ShareResponse {
	return &wire.ShareResponse{Result: &wire.ShareResponse_Pending{Pending: &wire.Pending{State: state}}}
}

// Resume looks. What is to be posted in a while is after the second time that it is asked
// after.
func (p *fakePlugin) Resume(ctx context.Context, r *wire.ResumeRequest) (*wire.ShareResponse, error) {
	switch {
	case r.GetUncertain():
	case r.GetState() == "asked 0 times", strings.Contains(r.GetShare().GetText(), "for ever"):
		return pending("asked before"), nil
	default:
		r.Share.Text = "at last"
		return p.Share(ctx, r.GetShare())
	}
	var a struct{ ID, URL string }
	g := r.GetShare().GetGrant()
	status, _, err := call("GET", base(g)+"/posts?"+url.Values{"text": {textOf(r.GetShare())}}.Encode(), authorisation(g), "", nil, &a)
	if status == 404 {
		return &wire.ShareResponse{Result: &wire.ShareResponse_Failure{Failure: &wire.Failure{Code: wire.Failure_CODE_RETRY}}}, nil
	}
	if err != nil || status != 200 {
		return &wire.ShareResponse{Result: &wire.ShareResponse_Failure{Failure: failure(status, "", err)}}, nil
	}
	return &wire.ShareResponse{Result: &wire.ShareResponse_Posted{Posted: &wire.Posted{RemoteId: a.ID, Url: a.URL}}}, nil
}

// Retract deletes.
func (p *fakePlugin) Retract(_ context.Context, r *wire.RetractRequest) (*wire.RetractResponse, error) {
	status, _, err := call("DELETE", base(r.GetGrant())+"/posts/"+r.GetPosted().GetRemoteId(), authorisation(r.GetGrant()), "", nil, nil)
	if err != nil || status != 200 {
		return &wire.RetractResponse{Failure: failure(status, "", err)}, nil
	}
	return &wire.RetractResponse{}, nil
}

// Disconnect has nothing to do.
func (p *fakePlugin) Disconnect(context.Context, *wire.DisconnectRequest) (*wire.DisconnectResponse, error) {
	return &wire.DisconnectResponse{}, nil
}

func failure(status int, after string, err error) *wire.Failure {
	seconds, _ := strconv.Atoi(after) // none is 0
	f := &wire.Failure{Code: wire.Failure_CODE_UNCERTAIN, RetryAfterSeconds: uint32(seconds)}
	switch {
	case err != nil:
		f.Detail = err.Error()
	case status == 401:
		f.Code = wire.Failure_CODE_REAUTH
	case status == 403:
		f.Code, f.Key = wire.Failure_CODE_DISCONNECT, "blocked"
	case status == 429:
		f.Code = wire.Failure_CODE_RETRY
	}
	return f
}

// call makes a request as any program does: by the proxy of its environment.
func call(method, address, token, key string, form url.Values, to any) (int, http.Header, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, http.Header{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", key)
	transport, _ := http.DefaultTransport.(*http.Transport)
	transport = transport.Clone()
	transport.DisableKeepAlives = true // Go's client repeats a request on a connection that was used before
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return 0, http.Header{}, err
	}
	defer resp.Body.Close()
	if to != nil && resp.StatusCode == 200 {
		err = json.NewDecoder(resp.Body).Decode(to)
	}
	return resp.StatusCode, resp.Header, err
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
