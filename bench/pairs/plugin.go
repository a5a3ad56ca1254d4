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

// How many shares and echoes make a turn.
const (
	shares = 1000
	echoes = 5000
)

// sharePair holds a whole share by a running plugin against a line of the same
// length that another process sends back. Of CPU time both count our side alone. Each
// turn has processes of its own: for as long as two of them live, the system wakes them
// in a way that costs up to half as much again, or does not.
func sharePair(unit measure.Unit) func(context.Context, *Env) (measure.Pair, error) {
	return func(ctx context.Context, e *Env) (measure.Pair, error) {
		if _, err := e.binary(ctx, "osier"); err != nil {
			return measure.Pair{}, err
		}
		program, err := e.binary(ctx, "linkall")
		if err != nil {
			return measure.Pair{}, err
		}
		return measure.Pair{
			Against: "a raw echo over a unix socket", Unit: unit, AtMost: 20, Goal: 10, Held: true, Turns: turnsOfLives,
			Ours: measure.Side{Value: func(ctx context.Context) (float64, error) {
				h, err := newHost(ctx, e)
				if err != nil {
					return 0, err
				}
				took, err := costOf(ctx, unit, shares, func(ctx context.Context, _ int) error { return shareOnce(ctx, h) })
				return took, errors.Join(err, h.Close(context.WithoutCancel(ctx)))
			}},
			Other: measure.Side{Value: func(ctx context.Context) (float64, error) { return echoed(ctx, unit, program, e.Work) }},
		}, nil
	}
}

// turnsOfLives is how many lives of each side the median is of.
const turnsOfLives = 15

// echoed is what a line costs that the process of program sends back, in µs.
func echoed(ctx context.Context, unit measure.Unit, program, work string) (float64, error) {
	socket := filepath.Join(work, "echo.sock")
	cmd := exec.Command(program, "-echo", socket) //nolint:gosec,noctx // G204: our own program; ended below
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // ends by the signal
		_ = os.Remove(socket)
	}()
	conn, err := dial(ctx, socket)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	line, err := json.Marshal(sample.Badge(""))
	if err != nil {
		return 0, err
	}
	line = append(line[:600], '\n')
	in := bufio.NewReader(conn)
	return costOf(ctx, unit, echoes, func(context.Context, int) error {
		if _, err := conn.Write(line); err != nil {
			return err
		}
		back, err := in.ReadSlice('\n')
		if err == nil && len(back) != len(line) {
			err = errWrong
		}
		return err
	})
}

// costOf gives what one of n calls of f costs, in µs, after some that are not counted.
func costOf(ctx context.Context, unit measure.Unit, n int, f func(context.Context, int) error) (float64, error) {
	run := times(f)
	if err := run(ctx, n/4); err != nil {
		return 0, err
	}
	before, err := measure.CPU(0)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := run(ctx, n); err != nil {
		return 0, err
	}
	took := time.Since(begun)
	after, err := measure.CPU(0)
	if unit != measure.Wall {
		took = after - before
	}
	return float64(took.Nanoseconds()) / 1e3 / float64(n), err
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
