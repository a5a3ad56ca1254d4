package host

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// misdeeds are what a plugin does in place of an answer, to every call but Describe: by
// what is done before there is one, or by the bytes that are sent as one.
var misdeeds = map[string]struct {
	do     func() error
	answer func() []byte
	quiet  bool // its answers can be read: nothing is in them
}{
	"hangs":   {do: func() error { select {} }},
	"dies":    {do: func() error { os.Exit(3); return nil }},
	"errs":    {do: func() error { return status.Error(codes.Code(77), strings.Repeat("<b>\x1b[31m\u202e", 1000)) }},
	"lost":    {do: func() error { return status.Error(codes.Unavailable, "gone") }},
	"babbles": {answer: func() []byte { return []byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff} }},
	"shouts":  {answer: func() []byte { return append([]byte{0x0a, 0x80, 0x80, 0x80, 0x02}, make([]byte, 4<<20)...) }},
	"mumbles": {answer: func() []byte { return nil }, quiet: true},
}

// servesBadly is the process of a misdeed.
func servesBadly(name string) {
	m := misdeeds[name]
	before := func(ctx context.Context, r any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		if !strings.HasPrefix(info.FullMethod, "/osier.share.") || strings.HasSuffix(info.FullMethod, "/Describe") {
			return next(ctx, r)
		}
		if m.do != nil {
			return nil, m.do()
		}
		return &wire.ShareResponse{}, nil
	}
	os.Stdout = stdout
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: &raw{describe: accountsOf(name)}}},
		GRPCServer: func(o []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(o, grpc.UnaryInterceptor(before), grpc.ForceServerCodec(babble{m.answer}))...)
		},
	})
}

// babble says what it likes in place of answers to shares.
type babble struct{ answer func() []byte }

func (b babble) Marshal(v any) ([]byte, error) {
	if _, ok := v.(*wire.ShareResponse); ok {
		return b.answer(), nil
	}
	return proto.Marshal(v.(proto.Message))
}

func (babble) Unmarshal(data []byte, v any) error { return proto.Unmarshal(data, v.(proto.Message)) }

func (babble) Name() string { return "proto" }

// accountsOf offers a target that has a use for every call.
func accountsOf(id string) *wire.Descriptor {
	return &wire.Descriptor{
		Id: id, Version: "1", ApiMinor: wire.Minor, Hosts: []string{"good.example"}, Egress: []string{"good.example"},
		I18N: map[string]*wire.Strings{"en": {Text: map[string]string{"name": "Bad", "auto": "Post", "scope.write": "Post"}}},
		Targets: []*wire.Target{{
			Id: "auto", Kind: wire.Kind_KIND_ACCOUNT, Items: badgesOnly, NeedsInstance: true, CanRetract: true, CanResume: true,
			Limits: &wire.Limits{MaxChars: 500},
			Oauth:  &wire.OAuth{AuthorizeUrl: "https://{instance}/a", TokenUrl: "https://{instance}/t", Scopes: []string{"write"}, Provision: true},
		}},
	}
}

// A plugin may do wrong in any call: each ends in time with an error that is told, a
// share of which it had the request is never said to have failed or to be sent again,
// and another plugin works meanwhile.
func TestHostileCalls(t *testing.T) {
	c := newClock()
	names := []string{"good"}
	for name := range misdeeds {
		names = append(names, name)
	}
	h := newHost(t, Options{Bundled: bundled(names...), Clock: c.Now})
	works(t, h)
	t.Run("all", func(t *testing.T) {
		for name, m := range misdeeds {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if _, err := h.Try(t.Context(), name); err != nil {
					t.Fatal(err)
				}
				atOnce := 1 // some end the process
				if name == "hangs" {
					atOnce = callsAtOnce
				}
				for some := range slices.Chunk(everyCall(h, name), atOnce) {
					var all sync.WaitGroup
					for _, call := range some {
						all.Go(func() {
							ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
							defer cancel()
							call.check(t, call.do(ctx), m.quiet)
						})
					}
					all.Wait()
					c.Add(time.Hour)
				}
			})
		}
		works(t, h)
	})
	works(t, h)
}

// aCall is one of those that are made for accounts.
type aCall struct {
	name   string
	unsure bool // what comes of it may be at the remote
	do     func(context.Context) error
}

func (c aCall) check(t *testing.T, err error, quiet bool) {
	t.Helper()
	if err == nil && (!quiet || c.unsure) {
		t.Errorf("%s: no error", c.name)
	}
	if c.unsure && AsFailure(err).Code != Uncertain {
		t.Errorf("%s: got %v, want it uncertain", c.name, err)
	}
	if err != nil && strings.ContainsAny(AsFailure(err).Detail+detailOf(AsFailure(err).Cause), "\x1b\u202e") {
		t.Errorf("%s: got %q", c.name, err)
	}
}

func everyCall(h *Host, id string) []aCall {
	g := Grant{AccessToken: marker, Instance: "good.example"}
	r := Request{Target: "auto", Item: badge(), Grant: g, Key: "k"}
	return []aCall{
		{"submit", true, func(ctx context.Context) error { _, err := h.Submit(ctx, id, r); return err }},
		{"resume", true, func(ctx context.Context) error { _, err := h.Resume(ctx, id, r, "state", false); return err }},
		{"preview", false, func(ctx context.Context) error { _, err := h.Preview(ctx, id, r); return err }},
		{"identify", false, func(ctx context.Context) error { _, err := h.Identify(ctx, id, "auto", g, nil); return err }},
		{"provision", false, func(ctx context.Context) error {
			_, err := h.Provision(ctx, id, Registration{Target: "auto", Instance: "good.example"})
			return err
		}},
		{"configure", false, func(ctx context.Context) error { _, err := h.Configure(ctx, id, nil, "en", true); return err }},
		{"retract", false, func(ctx context.Context) error { return h.Retract(ctx, id, Made{Target: "auto", Grant: g}) }},
		{"disconnect", false, func(ctx context.Context) error { return h.Disconnect(ctx, id, "auto", g, nil) }},
	}
}
