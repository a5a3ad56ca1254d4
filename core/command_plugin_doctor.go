package core

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/control"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/share/install"
)

type pluginDoctorCommand struct {
	configured

	ID string `arg:"" help:"The plugin."`
}

// Run looks at the plugin's files, starts it, and asks the passport that runs what
// became of it. What is wrong comes with the line that mends it; the exit code is
// 1 then.
func (c pluginDoctorCommand) Run(ctx context.Context, s Streams) error {
	var found diagnosis
	err := c.withHost(ctx, func(h *host.Host) error {
		found = examine(ctx, h, c.ID)
		found.confinement(host.ConfinementHere(), statusOf(h, c.ID).Anywhere)
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.hearPassport(ctx, &found); err != nil {
		return err
	}
	for _, line := range found.good {
		fmt.Fprintln(s.Out, "ok     ", line)
	}
	for _, line := range found.notes {
		fmt.Fprintln(s.Out, "note   ", line)
	}
	for _, line := range found.bad {
		fmt.Fprintln(s.Out, "wrong  ", oneLine(line))
	}
	for _, line := range found.log {
		fmt.Fprintln(s.Out, "log    ", line)
	}
	for _, line := range found.fixes {
		fmt.Fprintln(s.Out, "fix    ", line)
	}
	if len(found.bad) > 0 {
		return exitError(exitFail)
	}
	return nil
}

// diagnosis is what doctor found.
type diagnosis struct{ good, notes, bad, log, fixes []string }

// confinement tells how far the system confines plugins.
func (d *diagnosis) confinement(c host.Confinement, anywhere bool) {
	if c.Whole() && !c.Sockets {
		d.notes = append(d.notes, "this system leaves it unix sockets whose path it knows: give a database that listens at one a password (Landlock 9, of later Linux, keeps it from them, and so does the passport itself on amd64 and arm64 where no container is in the way)")
	}
	switch {
	case c.Whole() && anywhere:
		d.good = append(d.good, "it is confined: it reads nothing of the passport's and signals no process but its own")
		d.notes = append(d.notes, "it may connect to anything: a plugin.yaml beside it, without anywhere, leaves it the hosts that it declares")
	case c.Whole():
		d.good = append(d.good, "it is confined: it reads nothing of the passport's, connects by its way out alone, and signals no process but its own")
	case c.Files:
		d.notes = append(d.notes, "this system confines plugins in part: it reads nothing of the passport's, but could open connections or end processes; Linux 6.12 confines it whole")
	default:
		d.notes = append(d.notes, "this system does not confine plugins: it can read what you can; Linux confines it from 5.13 on, and whole from 6.12")
	}
}

func (d *diagnosis) wrong(text, fix string) {
	d.bad = append(d.bad, text)
	if fix != "" && !slices.Contains(d.fixes, fix) {
		d.fixes = append(d.fixes, fix)
	}
}

// examine looks at plugin id and starts it.
func examine(ctx context.Context, h *host.Host, id string) (found diagnosis) {
	list := h.List()
	at := slices.IndexFunc(list, func(p host.Status) bool { return p.ID == id || strings.HasPrefix(p.ID, id+" (") })
	if at < 0 {
		found.wrong(noPlugin(id).Error(), "osier plugin install SOURCE")
		return found
	}
	if p := list[at]; p.Reason != nil {
		found.wrong(pluginWords(p.Reason).Error(), fixOf(p, p.Reason))
		return found
	}
	found.good = append(found.good, "its files are there, belong to the right user and are as accepted")
	d, err := h.Try(ctx, id)
	p := statusOf(h, id)
	found.log = p.LastLogs
	if why, ok := fault.As(err); ok {
		found.wrong(pluginWords(why).Error(), fixOf(p, why))
		return found
	}
	if err != nil {
		found.wrong(err.Error(), "")
		return found
	}
	found.good = append(found.good, "it starts, describes itself and answers")
	for _, t := range d.Targets {
		found.good = append(found.good, "it offers "+d.ID+"."+t.ID)
	}
	return found
}

func statusOf(h *host.Host, id string) host.Status {
	list := h.List()
	at := slices.IndexFunc(list, func(p host.Status) bool { return p.ID == id })
	if at < 0 {
		return host.Status{}
	}
	return list[at]
}

// hearPassport adds what only the passport that runs knows.
func (c pluginDoctorCommand) hearPassport(ctx context.Context, found *diagnosis) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	var list []pluginLine
	if err := control.Call(ctx, conf.Data, "plugins", nil, &list); err != nil {
		if errors.Is(err, control.ErrNotRunning) {
			return nil
		}
		return err
	}
	at := slices.IndexFunc(list, func(p pluginLine) bool { return p.ID == c.ID })
	if at < 0 {
		return nil
	}
	p := list[at]
	if p.State != "ok" && p.State != "off" && len(found.bad) == 0 {
		found.wrong("the passport that runs says: "+p.Reason, "osier plugin enable "+c.ID)
	}
	if p.State == "off" {
		found.wrong("it is switched off", "osier plugin enable "+c.ID)
	}
	if len(p.Needs) > 0 {
		found.notes = append(found.notes, "what connects an account waits for its settings: "+strings.Join(p.Needs, ", ")+" (as an administrator, at "+conf.PublicURL+"/admin/plugins/"+c.ID+")")
	}
	for _, t := range p.Targets {
		if t.Off {
			found.good = append(found.good, "target "+t.ID+" is switched off: osier plugin enable "+t.ID+" offers it")
		}
	}
	if len(found.bad) > 0 && len(found.log) == 0 {
		found.log = p.Log
	}
	return nil
}

// fixOf gives the line that mends a fault of a plugin: a command to be pasted
// where there is one.
func fixOf(p host.Status, why *fault.Error) string {
	if fix := why.Args["fix"]; fix != "" {
		return fix
	}
	path := why.Args["path"]
	switch strings.TrimPrefix(why.Key, "plugin.error.") {
	case "changed":
		return "osier plugin accept " + p.ID
	case "missing", "not_file", "symlink":
		return "osier plugin remove " + p.ID + ", then osier plugin install SOURCE"
	case "duplicate", "name":
		return "give it another name: in plugin.yaml, and of its file or folder"
	case "lock":
		return "make " + path + " readable and writable for the user that the passport runs as; when it is damaged, remove it and accept each plugin again"
	case "program":
		return "install " + why.Args["program"] + " for everybody, or name another program under entry in plugin.yaml, then osier plugin accept " + p.ID
	case "manifest":
		return "mend plugin.yaml: " + why.Args["detail"]
	case "handshake":
		return "let the program print its first line itself (sdk.Serve does): everything else belongs on standard error"
	case "disabled", "backoff", "crash_loop":
		if behind, ok := fault.As(why.Err); ok {
			return fixOf(p, behind)
		}
		return "osier plugin enable " + p.ID
	case "start", "start_timeout", "crashed", "hung", "answer":
		return fixOfStart(p, why)
	}
	return ""
}

func fixOfStart(p host.Status, why *fault.Error) string {
	if info, err := os.Stat(p.Path); err == nil && p.Source == host.Community && info.Mode().IsRegular() && !strings.HasSuffix(p.Path, manifestFile) {
		if err := install.CheckExecutable(p.Path); err != nil {
			return "osier plugin update " + p.ID + " SOURCE: " + err.Error()
		}
	}
	if detail := why.Args["detail"]; strings.Contains(detail, "no such file") {
		return "install the interpreter that its first line names: " + detail
	}
	return "the lines that it wrote tell more; osier plugin test " + p.Path + " tries all that the passport asks"
}
