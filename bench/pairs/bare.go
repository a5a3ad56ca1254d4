package pairs

import (
	"context"
	"errors"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// bare is a go-plugin process as the library's own example runs one: gRPC with
// AutoMTLS, which the passport demands too, and nothing around it.
type bare struct {
	client *plugin.Client
	api    wire.ShareTargetClient
}

// bareSide is the host's half of the example.
type bareSide struct{ plugin.NetRPCUnsupportedPlugin }

func (bareSide) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (bareSide) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return wire.NewShareTargetClient(conn), nil
}

func startBare(ctx context.Context, e *Env) (*bare, error) {
	program, err := e.binary(ctx, "bareplugin")
	if err != nil {
		return nil, err
	}
	b := &bare{client: plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: bareSide{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Cmd:              exec.Command(program), //nolint:gosec,noctx // G204: our own program; ended by stop
		Logger:           hclog.NewNullLogger(),
	})}
	protocol, err := b.client.Client()
	if err != nil {
		return nil, err
	}
	raw, err := protocol.Dispense(wire.Name)
	if err != nil {
		return nil, err
	}
	api, ok := raw.(wire.ShareTargetClient)
	if !ok {
		return nil, errWrong
	}
	b.api = api
	return b, nil
}

func (b *bare) share(ctx context.Context) error {
	r, err := b.api.Share(ctx, &wire.ShareRequest{Target: "post", Item: &wire.Item{Url: "https://badges.example.org/b/0123456789012345678901", Title: "Data Stewardship"}})
	if err == nil && r.GetOpenUrl() == "" {
		err = errWrong
	}
	return err
}

// barePair holds a share by a running plugin against the same call to the example.
func barePair(ctx context.Context, e *Env) (measure.Pair, error) {
	h, err := newHost(ctx, e)
	if err != nil {
		return measure.Pair{}, err
	}
	b, err := startBare(ctx, e)
	if err != nil {
		return measure.Pair{}, errors.Join(err, h.Close(ctx))
	}
	return measure.Pair{
		Against: "the bare go-plugin example", AtMost: 3, Goal: 1.5, Held: true,
		Ours:  measure.Side{Run: times(func(ctx context.Context, _ int) error { return shareOnce(ctx, h) })},
		Other: measure.Side{Run: times(func(ctx context.Context, _ int) error { return b.share(ctx) })},
		Close: func() error {
			b.client.Kill()
			return h.Close(context.WithoutCancel(ctx))
		},
	}, nil
}

// coldTurns are starts of each side, of which the median counts: one alone says more of
// what else the machine does.
const coldTurns = 15

// coldPair holds the first share, which starts the plugin's process, against the
// same of the example. Both files were read before.
func coldPair(ctx context.Context, e *Env) (measure.Pair, error) {
	p := measure.Pair{Against: "the bare go-plugin example", Unit: measure.Wall, AtMost: 3, Goal: 1.5, Held: true, Turns: coldTurns}
	p.Ours.Value = func(ctx context.Context) (float64, error) {
		h, err := newHost(ctx, e)
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		err = shareOnce(ctx, h)
		return float64(time.Since(begun).Microseconds()), errors.Join(err, h.Close(ctx))
	}
	p.Other.Value = func(ctx context.Context) (float64, error) {
		begun := time.Now()
		b, err := startBare(ctx, e)
		if err != nil {
			return 0, err
		}
		err = b.share(ctx)
		took := time.Since(begun)
		b.client.Kill()
		return float64(took.Microseconds()), err
	}
	for _, s := range []measure.Side{p.Ours, p.Other} {
		if _, err := s.Value(ctx); err != nil {
			return p, err
		}
	}
	return p, nil
}

// residentPair counts all pages, of which those of the program's file are in memory
// once however many processes map them; ownPair counts the others.
func residentPair(ctx context.Context, e *Env) (measure.Pair, error) {
	return memoryPair(ctx, e, 4, measure.Resident)
}

func ownPair(ctx context.Context, e *Env) (measure.Pair, error) {
	return memoryPair(ctx, e, 6, measure.Own)
}

// atRest is when a process that was started is idle.
const atRest = 1500 * time.Millisecond

// memoryPair holds the memory of an idle plugin process against the example's, which
// both are a moment after they started.
func memoryPair(_ context.Context, e *Env, most float64, held func(pid int) (int64, error)) (measure.Pair, error) {
	p := measure.Pair{Against: "the bare go-plugin example", Unit: measure.MB, AtMost: most, Goal: 2}
	p.Ours.Value = func(ctx context.Context) (float64, error) {
		h, err := newHost(ctx, e)
		if err != nil {
			return 0, err
		}
		err = shareOnce(ctx, h)
		time.Sleep(atRest)
		bytes := int64(0)
		for _, s := range h.List() {
			if s.PID > 0 {
				n, failed := held(s.PID)
				bytes, err = bytes+n, errors.Join(err, failed)
			}
		}
		return float64(bytes) / 1e6, errors.Join(err, h.Close(ctx))
	}
	p.Other.Value = func(ctx context.Context) (float64, error) {
		b, err := startBare(ctx, e)
		if err != nil {
			return 0, err
		}
		defer b.client.Kill()
		if err := b.share(ctx); err != nil {
			return 0, err
		}
		time.Sleep(atRest)
		bytes, err := held(b.client.ReattachConfig().Pid)
		return float64(bytes) / 1e6, err
	}
	return p, nil
}
