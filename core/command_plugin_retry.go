package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/share"
)

type pluginRetryCommand struct {
	configured

	Job  string `arg:"" optional:"" help:"The share to try again; without one, those that wait, failed or are uncertain are listed."`
	JSON bool   `help:"Print the list as JSON."`
}

// undoneShare is a share as an operator sees it: not whose, and without words.
type undoneShare struct {
	Job    string    `json:"job"`
	Target string    `json:"target"`
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	Next   time.Time `json:"next,omitzero"`
}

// Run lists shares that are not done, or has one tried now.
func (c pluginRetryCommand) Run(ctx context.Context, s Streams) error {
	if c.Job != "" {
		err := c.ask(ctx, "share.retry", c.Job, nil, func(a *app) error { return a.inWords(a.share.Retry(ctx, c.Job)) })
		if err == nil {
			_, err = fmt.Fprintln(s.Out, c.Job, "is tried again")
		}
		return err
	}
	list, err := c.undone(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.Out).Encode(list)
	}
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tTARGET\tSTATE\tSINCE\tNEXT TRY\tREASON")
	for _, j := range list {
		next := "-"
		if !j.Next.IsZero() {
			next = j.Next.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", j.Job, j.Target, j.State, j.At.Format(time.RFC3339), next, oneLine(j.Reason))
	}
	return w.Flush()
}

func (c pluginRetryCommand) undone(ctx context.Context) ([]undoneShare, error) {
	conf, err := c.load()
	if err != nil {
		return nil, err
	}
	var list []undoneShare
	if err := control.Call(ctx, conf.Data, "shares.undone", nil, &list); !errors.Is(err, control.ErrNotRunning) {
		return list, err
	}
	if _, err := os.Stat(conf.Data); err != nil {
		return nil, fmt.Errorf("there is no passport here: %w", err)
	}
	err = c.with(ctx, func(a *app) error {
		list, err = a.undoneShares(ctx)
		return err
	})
	return list, err
}

func (a *app) undoneShares(ctx context.Context) ([]undoneShare, error) {
	jobs, err := a.share.Undone(ctx)
	list := make([]undoneShare, 0, len(jobs))
	for _, j := range jobs {
		list = append(list, undoneShare{j.ID, j.Target, j.State, a.reasonOf(j), j.At, j.Next})
	}
	return list, err
}

func (a *app) reasonOf(j share.Job) string {
	if j.Reason == "" {
		return j.Detail
	}
	return a.catalogue.T("en", j.Reason)
}

func (a *app) onShareRetry(ctx context.Context, in json.RawMessage) (any, error) {
	var id string
	if err := json.Unmarshal(in, &id); err != nil {
		return nil, err
	}
	return nil, a.inWords(a.share.Retry(ctx, id))
}

func (a *app) onUndone(ctx context.Context, _ json.RawMessage) (any, error) {
	return a.undoneShares(ctx)
}
