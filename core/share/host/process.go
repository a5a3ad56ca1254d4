package host

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// maxHeaders bounds the header list of an answer, in bytes.
const maxHeaders = 64 << 10

// process is a started plugin that has described itself.
type process struct {
	client     *plugin.Client
	run        *run
	conn       *grpc.ClientConn
	api        wire.ShareTargetClient
	descriptor sdk.Descriptor
	accepted   string // see source
	since      time.Time

	way   *ticket   // out; nil without one
	noWay func()    // ends it
	once  sync.Once // of stop
}

// allow lets the process reach hosts while a call runs.
func (p *process) allow(hosts []string) (release func()) { return p.way.allow(hosts) }

// out gives the process its way out.
func (p *process) out(h *Host, src source) error {
	if h.egress == nil {
		return nil
	}
	proxy, way, end, err := h.egress.admit(src.id)
	if err != nil {
		return err
	}
	p.way, p.noWay = way, end
	p.run.extra = append(p.run.extra, "HTTPS_PROXY="+proxy, "https_proxy="+proxy)
	return nil
}

// dispenser is our half of go-plugin's GRPCPlugin: it hands out the connection.
type dispenser struct{ plugin.NetRPCUnsupportedPlugin }

func (dispenser) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the host serves nothing")
}

func (dispenser) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// launch starts src and asks it to describe itself, all before ctx ends. On a
// fault nothing is left behind.
func (h *Host) launch(ctx context.Context, src source, logs *tail) (*process, *fault.Error) {
	spec, why := h.prepare(src)
	if why != nil {
		return nil, why
	}
	p := &process{run: newRun(spec, logs), accepted: src.accepted, since: h.opt.Clock()}
	p.run.extra, p.run.granted = slices.Clone(h.opt.Env), h.opt.Env
	if err := p.out(h, src); err != nil { //nolint:contextcheck // tunnels live as long as the host
		return nil, problem(src.id, "start").With("detail", err.Error()).Wrap(err)
	}
	p.client = plugin.NewClient(h.clientConfig(p.run, logs))
	end := context.AfterFunc(ctx, p.run.kill)
	err := p.connect(ctx)
	if err == nil {
		p.descriptor, err = p.describe(ctx, src, h.opt.DescribeTimeout)
	}
	if !end() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		p.stop(0)
		return nil, p.startFault(ctx, src.id, err)
	}
	p.way.declare(p.descriptor.Egress)
	return p, nil
}

// window is how many bytes may be under way on a connection, whole messages. As it
// is named, gRPC does not measure by pings what the way would bear.
const window = 2 * sdk.MaxMessage

func (h *Host) clientConfig(r *run, logs *tail) *plugin.ClientConfig {
	c := &plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: dispenser{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         !r.inTheClear(),
		SkipHostEnv:      true,
		StartTimeout:     r.spec.start,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: r.spec.sockets},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, sockets string) (runner.Runner, error) {
			r.prepare(cmd.Env, sockets)
			return r, nil
		},
		// go-plugin's own logger reads the plugin's output and can be made to
		// panic by a log line; ours (tail) reads it instead.
		Logger:     hclog.NewNullLogger(),
		SyncStdout: logs.writer(),
		SyncStderr: logs.writer(),
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(
				grpc.MaxCallRecvMsgSize(sdk.MaxMessage), grpc.MaxCallSendMsgSize(sdk.MaxMessage)),
			grpc.WithMaxHeaderListSize(maxHeaders),
			grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window),
			grpc.WithDisableRetry(),
			grpc.WithStreamInterceptor(onlyOutput),
		},
	}
	if r.inTheClear() && wire.NamesPeers {
		c.GRPCDialOptions = append(c.GRPCDialOptions, grpc.WithTransportCredentials(wire.Peer(r.answers)))
	}
	return c
}

// onlyOutput lets the plugin's redirected output through and no other stream:
// through go-plugin's broker a plugin could make the host open connections.
// Errors become one that go-plugin survives without leaking the connection.
func onlyOutput(ctx context.Context, d *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) { //nolint:revive // grpc.StreamClientInterceptor sets the parameters
	if method != "/plugin.GRPCStdio/StreamStdio" {
		return nil, status.Error(codes.Unimplemented, "the host has no use for it")
	}
	s, err := next(ctx, d, cc, method, opts...)
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	return s, nil
}

func (p *process) connect(ctx context.Context) error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(wire.Name)
	if err != nil {
		return err
	}
	conn, ok := raw.(*grpc.ClientConn)
	if !ok {
		return errors.New("no connection")
	}
	p.conn, p.api = conn, wire.NewShareTargetClient(conn)
	return ctx.Err()
}

func (p *process) describe(ctx context.Context, src source, timeout time.Duration) (sdk.Descriptor, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	w, err := p.api.Describe(ctx, &wire.DescribeRequest{ApiMinor: wire.Minor})
	if err != nil {
		return sdk.Descriptor{}, err
	}
	d, err := descriptorFrom(w, src)
	if err != nil {
		return sdk.Descriptor{}, badAnswer(src.id, err).With("detail", sdk.Clip(sdk.Plain(err.Error()), maxDetail, nil))
	}
	return d, nil
}

// startFault finds the words for a start that did not succeed.
func (p *process) startFault(ctx context.Context, id string, err error) *fault.Error {
	if known, ok := fault.As(err); ok {
		return known
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded {
		return problem(id, "start_timeout").With("detail", p.run.soFar()).Wrap(context.DeadlineExceeded)
	}
	detail := sdk.Clip(sdk.Plain(status.Convert(err).Message()), maxDetail, nil)
	switch cause := p.run.fault(); {
	case errors.Is(cause, errNoHandshake):
		detail = p.run.epitaph() + ", " + p.run.soFar()
	case cause != nil:
		return problem(id, "handshake").With("detail", cause.Error()).Wrap(cause)
	}
	return problem(id, "start").With("detail", detail).Wrap(err)
}

// ended tells whether the process is gone.
func (p *process) ended() bool {
	select {
	case <-p.run.exited:
		return true
	default:
		return false
	}
}

// awaitEnd gives a process whose connection broke the moment it needs to be gone.
func (p *process) awaitEnd(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-p.run.exited:
	case <-t.C:
	}
}

// healthy asks whether the process still answers at all.
func (p *process) healthy(ctx context.Context, d time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(p.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName})
	return err == nil || status.Code(err) == codes.Unimplemented || status.Code(err) == codes.NotFound
}

// stop asks the process to end, kills it and what it started after grace, and
// returns when it is gone and its output read. It may be called more than once.
func (p *process) stop(grace time.Duration) {
	p.once.Do(func() {
		if grace == 0 {
			p.run.kill()
		} else {
			defer time.AfterFunc(grace, p.run.kill).Stop()
		}
		p.client.Kill()
		p.run.finish()
		if p.noWay != nil {
			p.noWay()
		}
	})
}
