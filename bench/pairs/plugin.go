package pairs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/plugins/sdk"
)

func plugging() []Maker {
	return []Maker{
		{"plugin/share round trip", sharePair(measure.CPU1)},
		{"plugin/share round trip, by the clock", sharePair(measure.Wall)},
		{"plugin/share beside bare", barePair},
		{"plugin/cold start", coldPair},
		{"plugin/memory", residentPair},
		{"plugin/memory of its own", ownPair},
	}
}

func newHost(ctx context.Context, e *Env) (*host.Host, error) {
	program, err := e.binary(ctx, "osier")
	if err != nil {
		return nil, err
	}
	return host.New(host.Options{
		PrivateDir: filepath.Join(e.Work, "plugin-host"), Bundled: plugins.Bundled(), Self: program, Log: slog.New(slog.DiscardHandler),
	})
}

func shareOnce(ctx context.Context, h *host.Host) error {
	b := sample.Badge("")
	r, err := h.Share(ctx, "twitter", host.Request{Target: "post", Item: sdk.Item{
		Type: sdk.ItemBadge, URL: "https://badges.example.org/b/0123456789012345678901", Title: b.Name, Description: b.Description, Lang: "en",
		IssuerName: b.Issuer.Name, Issued: b.IssuedOn, Tags: b.Tags, EarnerName: "Ada Alder", ViewerLang: "en",
	}})
	if err == nil && r.URL == "" {
		err = errWrong
	}
	return err
}

// sharePair holds a whole share by a running plugin against a line of the same
// length that another process sends back. Of CPU time both count our side alone.
func sharePair(unit measure.Unit) func(context.Context, *Env) (measure.Pair, error) {
	return func(ctx context.Context, e *Env) (measure.Pair, error) {
		h, err := newHost(ctx, e)
		if err != nil {
			return measure.Pair{}, err
		}
		program, err := e.binary(ctx, "linkall")
		if err != nil {
			return measure.Pair{}, err
		}
		socket := filepath.Join(e.Work, "echo.sock")
		cmd := exec.Command(program, "-echo", socket) //nolint:gosec,noctx // G204: our own program; ended by Close
		if err := cmd.Start(); err != nil {
			return measure.Pair{}, err
		}
		conn, err := dial(ctx, socket)
		if err != nil {
			return measure.Pair{}, errors.Join(err, cmd.Process.Kill())
		}
		line, err := json.Marshal(sample.Badge(""))
		line = append(line[:600], '\n')
		return measure.Pair{
			Against: "a raw echo over a unix socket", Unit: unit, AtMost: 20, Goal: 10, Held: true,
			Ours:  measure.Side{Run: times(func(ctx context.Context, _ int) error { return shareOnce(ctx, h) })},
			Other: measure.Side{Run: times(echo(conn, line))},
			Close: func() error {
				err := errors.Join(conn.Close(), h.Close(context.WithoutCancel(ctx)), cmd.Process.Kill(), os.Remove(socket))
				_ = cmd.Wait() // ends by the signal
				return err
			},
		}, err
	}
}

// echo sends a line and waits until it is back.
func echo(conn net.Conn, line []byte) func(context.Context, int) error {
	in := bufio.NewReader(conn)
	return func(context.Context, int) error {
		if _, err := conn.Write(line); err != nil {
			return err
		}
		back, err := in.ReadSlice('\n')
		if err == nil && len(back) != len(line) {
			err = errWrong
		}
		return err
	}
}

func dial(ctx context.Context, socket string) (net.Conn, error) {
	for end := time.Now().Add(patience); ; {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err == nil || time.Now().After(end) {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(poll):
		}
	}
}
