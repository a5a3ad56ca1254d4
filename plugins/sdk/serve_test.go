package sdk_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

func self(t *testing.T, role string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path)
	cmd.Env = append(os.Environ(), "OSIER_SDK_TEST="+role)
	return cmd
}

// Started by hand a plugin tells what it offers and ends.
func TestByHand(t *testing.T) {
	cmd := self(t, "good")
	var notes bytes.Buffer
	cmd.Stderr = &notes
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := bytes.Cut(out, []byte("\n")) // after the stray line, which by hand is just a line
	var got sdk.Descriptor
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	want, err := good().Descriptor()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(notes.String(), "plugins folder") {
		t.Errorf("got notes %q", notes.String())
	}
}

func TestBroken(t *testing.T) {
	out, err := self(t, "broken").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), `host "*.example.org"`) {
		t.Errorf("got %v\n%s", err, out)
	}
}

// client is the host's half, as any go-plugin host has it.
type client struct{ plugin.NetRPCUnsupportedPlugin }

func (client) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (client) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return wire.NewShareTargetClient(c), nil
}

// Served by the SDK a plugin answers as the contract says, whatever main printed
// before.
func TestServed(t *testing.T) {
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: client{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, AutoMTLS: true, Cmd: self(t, "good"), Logger: hclog.NewNullLogger(),
	})
	defer c.Kill()
	protocol, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := protocol.Ping(); err != nil {
		t.Errorf("health: %v", err)
	}
	got, err := protocol.Dispense(wire.Name)
	if err != nil {
		t.Fatal(err)
	}
	api := got.(wire.ShareTargetClient)
	d, err := api.Describe(t.Context(), &wire.DescribeRequest{ApiMinor: 99, HostFeatures: []string{"unheard-of"}})
	if err != nil || d.GetId() != "good" || len(d.GetTargets()) != 3 || d.GetI18N()["fr"].GetText()["name"] != "Bon" {
		t.Errorf("got %v, %v", d, err)
	}
	share := func(target string) (*wire.ShareResponse, error) {
		return api.Share(t.Context(), &wire.ShareRequest{Target: target, Item: &wire.Item{Url: "https://passport.example/b/1"}})
	}
	r, err := share("post")
	if want := "https://good.example/?u=https://passport.example/b/1"; err != nil || r.GetOpenUrl() != want {
		t.Errorf("got %v, %v", r, err)
	}
	r, err = share("never")
	if f := r.GetFailure(); err != nil || f.GetCode() != wire.Failure_CODE_REJECTED || f.GetDetail() != "pages cannot go there" {
		t.Errorf("got %v, %v", r, err)
	}
	if _, err := share("nowhere"); status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
	if _, err := share("panics"); status.Code(err) != codes.Internal {
		t.Errorf("got %v", err)
	}
	if _, err := share("post"); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

// A plugin whose parent is gone ends by itself.
func TestOrphan(t *testing.T) {
	h := wire.Handshake()
	plugin := self(t, "good")
	parent := exec.CommandContext(t.Context(), "/bin/sh", "-c", `"$0" & wait`, plugin.Path)
	parent.Env = append(slices.Clone(plugin.Env), h.MagicCookieKey+"="+h.MagicCookieValue, "PLUGIN_UNIX_SOCKET_DIR="+t.TempDir())
	out, err := parent.StdoutPipe() // open as long as the plugin lives
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "1|1|unix|") {
		t.Errorf("got %q, %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() {
		_, err := in.ReadString('\n')
		gone <- err
	}()
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("the plugin lives on")
	}
	if err := parent.Wait(); err == nil {
		t.Error("the parent ended well")
	}
}
