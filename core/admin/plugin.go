package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// PluginPage is the page "admin/plugin".
type PluginPage struct {
	Plugin   Plugin
	Path     string // of a community plugin
	Memory   string // "23 MB", "" while it does not run
	Calls    int
	Failures int
	Hosts    []string // people are sent there
	Egress   []string // it connects there
	Anywhere bool     // and to anything else
	Server   bool     // and to the servers that people name
	Targets  []TargetRow
	Settings share.SettingsForm
	Errors   []PluginMishap
}

// TargetRow is one target with its bounds.
type TargetRow struct {
	PluginTarget

	Kind      string // admin.plugin.kind.<Kind>
	Bounded   bool   // whether bounds make sense: a link has none
	Day       string // shares of one person, "" for no bound
	Month     string
	Cap       string // what a month may cost, "12.50"
	Currency  string // "" for a target that is free
	Cost      string // of one share
	LimitsURL string
	Error     string // message key
}

// PluginMishap is a call or a process that went wrong.
type PluginMishap struct {
	At   time.Time
	Text string
}

// Meta titles the page.
func (p PluginPage) Meta() web.Meta { return web.Meta{Title: "admin.plugin.title", NoIndex: true} }

func (a *Admin) plugin(c *web.Ctx) error {
	page, err := a.pluginPage(c, c.Param("id"))
	if err != nil {
		return err
	}
	return c.Render("admin/plugin", page)
}

func (a *Admin) pluginPage(c *web.Ctx, id string) (PluginPage, error) {
	list := a.share.Plugins()
	at := slices.IndexFunc(list, func(p share.Plugin) bool { return p.ID == id })
	if at < 0 {
		return PluginPage{}, fault.New(fault.NotFound, "share.error.no_plugin")
	}
	p := list[at]
	page := PluginPage{
		Plugin: a.pluginView(c, p), Path: p.Path, Calls: p.Calls, Failures: p.Failures, Hosts: p.Descriptor.Hosts, Egress: p.Descriptor.Egress, Anywhere: p.Anywhere,
		Server: slices.ContainsFunc(p.Descriptor.Targets, func(t sdk.TargetInfo) bool { return t.NeedsInstance }),
	}
	if p.Memory > 0 {
		page.Memory = c.T("admin.plugin.megabytes", "n", int(p.Memory>>20))
	}
	for _, e := range slices.Backward(p.Errors) {
		page.Errors = append(page.Errors, PluginMishap{e.At, joinWords(c.Sentence(e.Why), e.Why.Args["detail"])})
	}
	for i, t := range p.Descriptor.Targets {
		row, err := a.targetRow(c, page.Plugin.Targets[i], t)
		if err != nil {
			return PluginPage{}, err
		}
		page.Targets = append(page.Targets, row)
	}
	var err error
	page.Settings, err = a.share.SettingsForm(c, id)
	return page, err
}

func joinWords(sentence, detail string) string {
	if detail == "" || strings.Contains(sentence, detail) {
		return sentence
	}
	return sentence + " (" + detail + ")"
}

func (a *Admin) targetRow(c *web.Ctx, v PluginTarget, t sdk.TargetInfo) (TargetRow, error) {
	l, err := a.share.TargetLimits(c.Context(), v.ID)
	row := TargetRow{
		PluginTarget: v, Kind: string(t.Kind), Bounded: t.Kind != sdk.KindLink, Day: bound(l.PersonDay), Month: bound(l.Month),
		LimitsURL: v.URL + "/limits",
	}
	if t.Limits.CostCents > 0 {
		row.Currency = cmp.Or(t.Limits.Currency, "USD")
		row.Cost = c.Catalogue().Money(c.Lang(), t.Limits.CostCents, row.Currency)
		if l.MonthCents > 0 {
			row.Cap = c.Catalogue().Amount(c.Lang(), l.MonthCents)
		}
	}
	return row, err
}

func bound(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// setPluginSettings stores the form of settings, or tries it.
func (a *Admin) setPluginSettings(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, test := c.Param("id"), form.Get("action") == "test"
	again, ok, err := a.share.TakeSettings(c, id, form, test)
	if err != nil {
		return err
	}
	if ok && !test {
		c.Flash(web.Done, "admin.flash.saved")
		return c.Redirect("/admin/plugins/" + id + "#settings")
	}
	page, err := a.pluginPage(c, id)
	if err != nil {
		return err
	}
	page.Settings = again
	if ok {
		return c.Render("admin/plugin", page)
	}
	return c.RenderStatus(http.StatusUnprocessableEntity, "admin/plugin", page)
}

// setTargetLimits stores the bounds of one target.
func (a *Admin) setTargetLimits(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	target := c.Param("id")
	plugin, _, _ := strings.Cut(target, ".")
	l, ok := readLimits(form)
	wrong := "share.error.limit"
	if ok {
		err = a.share.SetTargetLimits(c.Context(), target, l)
		if f, is := fault.As(err); is && f.Kind == fault.Conflict {
			ok, wrong, err = false, "share.error.no_cap_left", nil
		}
	}
	if err != nil {
		return err
	}
	if !ok {
		page, err := a.pluginPage(c, plugin)
		if err != nil {
			return err
		}
		for i := range page.Targets {
			if t := &page.Targets[i]; t.ID == target {
				t.Error, t.Day, t.Month, t.Cap = wrong, form.Get("day"), form.Get("month"), form.Get("cap")
			}
		}
		return c.RenderStatus(http.StatusUnprocessableEntity, "admin/plugin", page)
	}
	c.Flash(web.Done, "admin.flash.saved")
	return c.Redirect("/admin/plugins/" + plugin + "#t-" + target)
}

// readLimits reads whole numbers, and an amount with two decimals at most. Empty is
// no bound.
func readLimits(form web.Form) (share.Limits, bool) {
	const most = 1_000_000
	number := func(name string) (int, bool) {
		text := strings.TrimSpace(form.Get(name))
		n, err := strconv.Atoi(cmp.Or(text, "0"))
		return n, err == nil && n >= 0 && n <= most
	}
	day, ok1 := number("day")
	month, ok2 := number("month")
	amount, err := strconv.ParseFloat(strings.Replace(cmp.Or(strings.TrimSpace(form.Get("cap")), "0"), ",", ".", 1), 64)
	ok := ok1 && ok2 && err == nil && amount >= 0 && amount <= most
	if !ok {
		return share.Limits{}, false
	}
	return share.Limits{PersonDay: day, Month: month, MonthCents: int(amount*100 + 0.5)}, true
}
