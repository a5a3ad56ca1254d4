package sharetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/sharetest/remote"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// subject is the plugin under test.
type subject struct {
	command []string
	client  *plugin.Client
	cmd     *exec.Cmd
	api     wire.ShareTargetClient
	sockets string // folder of its socket
	spoke   bool   // it gave a handshake
	plain   bool   // it speaks without TLS, as plugins in other languages than Go do
	output  *tail

	world  *remote.World // all that it can reach
	remote *script       // what answers there
	fields map[string]string
}

// dispenser is the passport's half of go-plugin's GRPCPlugin: it hands out the connection.
type dispenser struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer is not for the passport's side.
func (dispenser) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the kit serves nothing")
}

// GRPCClient hands out the connection.
func (dispenser) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return wire.NewShareTargetClient(conn), nil
}

func start(ctx context.Context, s Suite) (*subject, error) {
	if len(s.Command) == 0 {
		return nil, errors.New("no plugin is named")
	}
	world, err := remote.New()
	if err != nil {
		return nil, err
	}
	p := &subject{command: s.Command, output: &tail{}, world: world, fields: s.Fields, remote: &script{well: s.Remote}}
	if s.Remote == nil {
		p.remote.well = http.HandlerFunc(madeUp)
	}
	world.Rest(p.remote)
	if err := p.restart(ctx); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// end ends the process and its world.
func (p *subject) end() {
	p.kill()
	p.world.Close()
}

// environment is what a plugin gets: no more than it needs, and the way to the remote.
func (p *subject) environment() []string {
	return append([]string{"PATH=" + wire.SearchPath, "LANG=C.UTF-8", "TMPDIR=" + os.TempDir()}, p.world.Env()...)
}

// restart begins a new process. One that answers nothing by mutual TLS, which the
// passport learns from plugin.yaml, is begun once more without.
func (p *subject) restart(ctx context.Context) error {
	err := p.begin(ctx)
	if err != nil && !p.plain && p.spoke {
		p.plain = true
		if p.begin(ctx) == nil {
			return nil
		}
		p.plain = false
	}
	return err
}

var errNoHandshake = errors.New("the first line that it prints is no handshake, which is 1|1|unix|PATH OF ITS SOCKET|grpc")

// begin starts the process.
func (p *subject) begin(ctx context.Context) error {
	p.kill()
	p.spoke = false
	var err error
	if p.sockets, err = os.MkdirTemp("", "sharetest-"); err != nil {
		return err
	}
	p.cmd = exec.Command(p.command[0], p.command[1:]...) //nolint:gosec,noctx // G204: the plugin that is to be tried; it lives as long as its client
	p.cmd.Env = append(p.environment(), plugin.EnvUnixSocketDir+"="+p.sockets)
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: dispenser{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              p.cmd,
		AutoMTLS:         !p.plain,
		SkipHostEnv:      true,
		StartTimeout:     CallTimeout,
		Logger:           hclog.NewNullLogger(),
		Stderr:           p.output,
		GRPCDialOptions:  []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(sdk.MaxMessage))},
	})
	if err := p.connect(ctx); err != nil {
		p.kill()
		if strings.Contains(err.Error(), "Unrecognized remote plugin message") {
			err = errNoHandshake // which the library says in ten lines
		}
		return fmt.Errorf("the plugin does not start: %w\n%s", err, p.output)
	}
	return nil
}

func (p *subject) connect(ctx context.Context) error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(wire.Name)
	if err != nil {
		return err
	}
	api, ok := raw.(wire.ShareTargetClient)
	if !ok {
		return errors.New("no connection")
	}
	p.api, p.spoke = api, true
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	if _, err := api.Describe(ctx, &wire.DescribeRequest{ApiMinor: wire.Minor}); status.Code(err) == codes.Unavailable {
		return err
	}
	return nil
}

func (p *subject) ended() bool { return p.client == nil || p.client.Exited() }

func (p *subject) kill() {
	if p.client != nil {
		p.client.Kill()
	}
	if p.sockets != "" {
		_ = os.RemoveAll(p.sockets)
		p.sockets = ""
	}
}

// terminate asks the process to end as a system does, and waits.
func (p *subject) terminate(wait time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("it was gone before it was told to end: %w", err)
	}
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !p.client.Exited() {
		select {
		case <-deadline.C:
			return fmt.Errorf("it still runs %v after SIGTERM", wait)
		case <-tick.C:
		}
	}
	return nil
}

func (p *subject) describe(ctx context.Context) (*wire.Descriptor, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	return p.api.Describe(ctx, &wire.DescribeRequest{ApiMinor: wire.Minor})
}

// share asks for the address of an item; the failure that a plugin may answer is
// an error too.
func (p *subject) share(ctx context.Context, target *wire.Target, item *wire.Item) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	r := &wire.ShareRequest{Target: target.GetId(), Item: item, Lang: "en"}
	if target.GetNeedsInstance() {
		r.Instance = instance
	}
	answer, err := p.api.Share(ctx, r)
	if err != nil {
		return "", err
	}
	if f := answer.GetFailure(); f != nil {
		return "", &refusal{f.GetDetail()}
	}
	return answer.GetOpenUrl(), nil
}

// refusal is a Failure: the plugin works, the item cannot be shared.
type refusal struct{ detail string }

// Error gives the plugin's words.
func (r *refusal) Error() string { return "refused: " + r.detail }

// tail keeps the end of what a process wrote.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps the last 4 kB.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = bytes.Clone(t.text[max(len(t.text)-4096, 0):])
	return len(b), nil
}

// String gives what is kept, in plain characters.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.text), "�"))
}
