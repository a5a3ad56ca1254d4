package remotes

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/sharetest/remote"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// dispenser is the passport's half of go-plugin's GRPCPlugin.
type dispenser struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer is not for the passport's side.
func (dispenser) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the passport serves nothing")
}

// GRPCClient hands out the connection.
func (dispenser) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return wire.NewShareTargetClient(conn), nil
}

// World is a [remote.World] for the length of a test.
func World(t testing.TB) *remote.World {
	t.Helper()
	w, err := remote.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// Plugin starts a plugin process as the passport does, led to the fakes of w.
func Plugin(t testing.TB, w *remote.World, command ...string) wire.ShareTargetClient {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...) //nolint:gosec // G204: the plugin of this test
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}, w.Env()...)
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: dispenser{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, AutoMTLS: true, SkipHostEnv: true, Cmd: cmd, Logger: hclog.NewNullLogger(),
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
	api, ok := raw.(wire.ShareTargetClient)
	if !ok {
		t.Fatal("no connection")
	}
	return api
}

// Main lets a test program be the plugin that it tests: see [Self].
func Main(m *testing.M, p sdk.Plugin) {
	if len(os.Args) == 2 && os.Args[1] == "plugin" {
		sdk.Serve(p)
		return
	}
	os.Exit(m.Run())
}

// Self starts this test program as the plugin, led to fakes by the name of their host.
func Self(t testing.TB, fakes map[string]http.Handler) wire.ShareTargetClient {
	t.Helper()
	w := World(t)
	for host, fake := range fakes {
		w.Add(host, fake)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Plugin(t, w, self, "plugin")
}

// Share asks a plugin to share, and fails when its answer tells a secret.
func Share(t testing.TB, api wire.ShareTargetClient, r *wire.ShareRequest, secrets ...string) *wire.ShareResponse {
	t.Helper()
	a, err := api.Share(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(a.String(), s) {
			t.Errorf("a secret is told: %v", a)
		}
	}
	return a
}

// Badge is a badge as the passport describes it.
func Badge() *wire.Item {
	return &wire.Item{
		Type: wire.ItemType_ITEM_TYPE_BADGE, Url: "https://passport.example/b/7KxQ2m?a=1&b=2", Title: "Basket (weaving) & more", Lang: "en",
		Description: "Weaves a basket that holds.", IssuerName: "Weavers’ Guild", ImageUrl: "https://passport.example/b/7KxQ2m/card.png",
		ImagePng: []byte("\x89PNG\r\n\x1a\n a card"), ImageAlt: "Card of the badge Basket weaving",
	}
}
