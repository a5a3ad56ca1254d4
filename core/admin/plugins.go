package admin

import (
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

func (a *Admin) plugins(c *web.Ctx) error {
	page := PluginsPage{Folder: a.folder, Order: a.share.Order(c.Lang()), OrderOpen: c.Query("order") == "open", Confined: confined(host.ConfinementHere())}
	for _, p := range a.share.Plugins() {
		page.Plugins = append(page.Plugins, a.pluginView(c, p))
	}
	return c.Render("admin/plugins", page)
}

// confined names how far the system confines plugins: whole, all but sockets, part or none.
func confined(c host.Confinement) string {
	switch {
	case c.Whole() && c.Sockets:
		return "whole"
	case c.Whole():
		return "sockets"
	case c.Files:
		return "part"
	}
	return "none"
}

func (a *Admin) pluginView(c *web.Ctx, p share.Plugin) Plugin {
	v := Plugin{
		ID: p.ID, Name: sdk.Label(p.Descriptor.Name, c.Lang(), p.ID), Version: p.Version, State: "idle", Bundled: p.Source == host.Bundled,
		Open: c.Query("open") == p.ID, URL: "/admin/plugins/" + p.ID, Crashes: p.Restarts, Log: p.LastLogs,
	}
	switch {
	case p.Off:
		v.State = "disabled"
	case p.Reason != nil:
		v.State = "failed"
	case p.PID != 0:
		v.State = "running"
	}
	if p.Reason != nil {
		v.Error = c.Sentence(p.Reason)
	}
	for _, t := range p.Descriptor.Targets {
		target := PluginTarget{
			ID: p.ID + "." + t.ID, Name: sdk.Label(t.Labels, c.Lang(), t.ID), URL: v.URL + "." + t.ID,
			Off: a.share.TargetOff(p.ID, t), Waits: a.share.TargetWaits(c.Context(), p.ID, t),
		}
		v.Targets = append(v.Targets, target)
		if !target.Off && !target.Waits {
			v.On++
		}
	}
	if i := slices.IndexFunc(p.Descriptor.Targets, func(t sdk.TargetInfo) bool { return t.Icon != "" }); i >= 0 {
		v.Icon = "/share/icons/" + strings.Join([]string{p.ID, p.Descriptor.Targets[i].ID}, "/")
	}
	return v
}
