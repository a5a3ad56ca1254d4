package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

// pluginLine is a plugin as the commands show it, and as the passport that runs
// tells of it.
type pluginLine struct {
	ID       string         `json:"id"`
	Version  string         `json:"version"`
	Source   host.Source    `json:"source"`
	Path     string         `json:"path,omitempty"`
	State    string         `json:"state"` // ok, backoff, disabled, off
	Reason   string         `json:"reason,omitempty"`
	PID      int            `json:"pid,omitempty"`
	Memory   int64          `json:"memory_bytes,omitempty"`
	Calls    int            `json:"calls"`
	Failures int            `json:"failures"`
	Restarts int            `json:"restarts"`
	Errors   []pluginError  `json:"errors,omitempty"`
	Targets  []pluginTarget `json:"targets,omitempty"`
	Needs    []string       `json:"needs,omitempty"` // settings that nobody has entered
	Log      []string       `json:"log,omitempty"`
}

type pluginError struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

type pluginTarget struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Off  bool   `json:"off,omitempty"`
}

// lineOf tells of a plugin without what only the passport that runs knows.
func lineOf(st host.Status, d sdk.Descriptor) pluginLine {
	l := pluginLine{
		ID: st.ID, Version: st.Version, Source: st.Source, Path: st.Path, State: string(st.State), PID: st.PID, Memory: st.Memory,
		Calls: st.Calls, Failures: st.Failures, Restarts: st.Restarts, Log: st.LastLogs,
	}
	if st.Reason != nil {
		l.Reason = pluginWords(st.Reason).Error()
	}
	for _, e := range st.Errors {
		l.Errors = append(l.Errors, pluginError{e.At, pluginWords(e.Why).Error()})
	}
	for _, t := range d.Targets {
		l.Targets = append(l.Targets, pluginTarget{ID: st.ID + "." + t.ID, Kind: string(t.Kind), Off: t.Off})
	}
	return l
}

// pluginLines tells of the plugins of a passport that runs.
func pluginLines(ctx context.Context, s *share.Share) ([]pluginLine, error) {
	list := []pluginLine{}
	for _, p := range s.Plugins() {
		l := lineOf(p.Status, p.Descriptor)
		if p.Off {
			l.State = "off"
		}
		for n, t := range p.Descriptor.Targets {
			l.Targets[n].Off = s.TargetOff(p.ID, t)
		}
		var err error
		if l.Needs, err = needsOf(ctx, s, p.Descriptor); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// needsOf lists the settings that a plugin cannot do without and that nobody entered:
// those that it says, and the registration that its accounts need.
func needsOf(ctx context.Context, s *share.Share, d sdk.Descriptor) ([]string, error) {
	values, set, err := s.Settings(ctx, d.ID)
	registered := slices.ContainsFunc(d.Targets, func(t sdk.TargetInfo) bool { return t.OAuth != nil && !t.OAuth.Provision && !t.OAuth.ClientMetadata })
	var needs []string
	for _, f := range d.Settings {
		needed := f.Required || registered && (f.Key == "client_id" || f.Key == "client_secret")
		if needed && values[f.Key] == "" && !set[f.Key] {
			needs = append(needs, f.Key)
		}
	}
	return needs, err
}

type pluginListCommand struct {
	configured

	JSON bool `help:"Print JSON."`
}

// Run lists the plugins: as the passport that runs knows them, else as they are
// in the folder.
func (c pluginListCommand) Run(ctx context.Context, s Streams) error {
	list, err := c.pluginLines(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		for n := range list {
			list[n].Log = nil
		}
		return json.NewEncoder(s.Out).Encode(list)
	}
	return printPluginLines(s.Out, list)
}

func printPluginLines(out io.Writer, list []pluginLine) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tVERSION\tSOURCE\tSTATE\tMEMORY\tCALLS\tFAILED\tTARGETS\tREASON")
	for _, p := range list {
		memory := "-"
		if p.Memory > 0 {
			memory = fmt.Sprintf("%d MB", p.Memory>>20)
		}
		targets := make([]string, 0, len(p.Targets))
		for _, t := range p.Targets {
			name := strings.TrimPrefix(t.ID, p.ID+".")
			if t.Off {
				name = "(" + name + ")"
			}
			targets = append(targets, name)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n",
			p.ID, p.Version, p.Source, p.State, memory, p.Calls, p.Failures, strings.Join(targets, " "), oneLine(p.Reason))
	}
	return w.Flush()
}

// pluginLines asks the passport that runs, else looks into the folder.
func (c configured) pluginLines(ctx context.Context) ([]pluginLine, error) {
	conf, err := c.load()
	if err != nil {
		return nil, err
	}
	var list []pluginLine
	if err := control.Call(ctx, conf.Data, "plugins", nil, &list); !errors.Is(err, control.ErrNotRunning) {
		return list, err
	}
	err = c.withHost(ctx, func(h *host.Host) error {
		for _, st := range h.List() {
			d := st.Announced
			if st.Source == host.Bundled {
				if d, err = h.Describe(ctx, st.ID); err != nil {
					return pluginWords(err)
				}
			}
			list = append(list, lineOf(st, d))
		}
		return nil
	})
	return list, err
}

type pluginLogsCommand struct {
	configured

	ID     string `arg:"" help:"The plugin."`
	JSON   bool   `help:"Print JSON."`
	Follow bool   `short:"f" help:"Go on printing what it writes, until the command is stopped."`
}

// Run prints the last lines that a plugin wrote, and its last errors.
func (c pluginLogsCommand) Run(ctx context.Context, s Streams) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	p, err := c.read(ctx, conf.Data)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.Out).Encode(struct {
			Log    []string      `json:"log"`
			Errors []pluginError `json:"errors"`
		}{p.Log, p.Errors})
	}
	for _, line := range p.Log {
		fmt.Fprintln(s.Out, line)
	}
	for _, e := range p.Errors {
		fmt.Fprintln(s.Out, e.At.Format(time.RFC3339), oneLine(e.Text))
	}
	if len(p.Log)+len(p.Errors) == 0 {
		fmt.Fprintln(s.Err, c.ID, "has written nothing since the passport started")
	}
	if c.Follow {
		return c.follow(ctx, s, conf.Data, p.Log)
	}
	return nil
}

// read asks the passport that runs.
func (c pluginLogsCommand) read(ctx context.Context, data string) (pluginLine, error) {
	var list []pluginLine
	if err := control.Call(ctx, data, "plugins", nil, &list); err != nil {
		if errors.Is(err, control.ErrNotRunning) {
			return pluginLine{}, fmt.Errorf("%w, and the last lines of a plugin are kept by the passport that runs: try osier plugin doctor %s", err, c.ID)
		}
		return pluginLine{}, err
	}
	at := slices.IndexFunc(list, func(p pluginLine) bool { return p.ID == c.ID })
	if at < 0 {
		return pluginLine{}, noPlugin(c.ID)
	}
	return list[at], nil
}

// logsEach is how often logs --follow looks.
const logsEach = 500 * time.Millisecond

// follow prints what comes after the lines that were there, until ctx ends.
func (c pluginLogsCommand) follow(ctx context.Context, s Streams, data string, there []string) error {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(logsEach):
		}
		p, err := c.read(ctx, data)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err != nil {
			continue // it was ended while it asked
		}
		for _, line := range after(there, p.Log) {
			fmt.Fprintln(s.Out, line)
		}
		there = p.Log
	}
	return nil
}

// after gives the lines of now that come after those of before: the passport keeps
// the last ones alone.
func after(before, now []string) []string {
	for n := min(len(before), len(now)); n > 0; n-- {
		if slices.Equal(before[len(before)-n:], now[:n]) {
			return now[n:]
		}
	}
	return now
}

func noPlugin(id string) error {
	return fmt.Errorf("there is no share plugin named %s: osier plugin list names them", id)
}
