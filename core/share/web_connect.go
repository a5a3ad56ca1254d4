package share

import (
	"net/http"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// ConnectPage is the page "share/connect": what leaves, and what the account may do.
type ConnectPage struct {
	Target   string // plugin.target
	Name     string
	Icon     string
	Host     string
	OAuth    bool
	Scopes   []string // in words
	Cost     string   // of one share, such as "0.20 USD"; "" for nothing
	Instance bool
	Server   string // as it was typed

	InstanceLabel, InstanceHint string // the plugin's words for the server; "" for ours

	Fields []FieldView
	Next   string
	Errors map[string]string // message keys, by field
}

// Meta titles the page.
func (ConnectPage) Meta() web.Meta { return web.Meta{Title: "share.connect.title", NoIndex: true} }

// ConfirmPage is the page "share/confirm": is this account yours?
type ConfirmPage struct {
	Post    string // address of the answer
	Target  string
	Name    string // of the account
	URL     string
	Place   string // instance, may be empty
	Service string
}

// Meta titles the page.
func (ConfirmPage) Meta() web.Meta { return web.Meta{Title: "share.confirm.title", NoIndex: true} }

func whoOf(c *web.Ctx) who {
	v := c.Viewer()
	return who{person: v.Person, session: v.SessionHash, lang: c.Lang()}
}

func (s *Share) connectPage(c *web.Ctx, target string) (ConnectPage, error) {
	t, err := s.offered(target)
	if err != nil {
		return ConnectPage{}, err
	}
	if !needsAccount(t) {
		return ConnectPage{}, fault.New(fault.NotFound, "share.error.no_target")
	}
	page := ConnectPage{
		Target: target, Name: s.targetName(target, c.Lang()), Icon: iconOf(target, t), OAuth: t.OAuth != nil, Instance: t.NeedsInstance,
		Fields: s.fieldViews(c, target, "connect_", t.Connect, nil), Next: web.Local(c.Query("next")), Cost: costOf(c, t.Limits),
	}
	page.InstanceLabel, page.InstanceHint = s.text(target, c.Lang(), "field.instance"), s.text(target, c.Lang(), "field.instance.help")
	if t.OAuth != nil {
		for _, scope := range t.OAuth.Scopes {
			page.Scopes = append(page.Scopes, s.scopeWords(target, c.Lang(), scope))
		}
	}
	return page, nil
}

// scopeWords says what a scope lets us do.
func (s *Share) scopeWords(target, lang, scope string) string {
	if words := s.text(target, lang, "scope."+scope); words != "" {
		return words
	}
	return scope
}

func costOf(c *web.Ctx, l sdk.Limits) string {
	if l.CostCents == 0 {
		return ""
	}
	return c.Catalogue().Money(c.Lang(), l.CostCents, l.Currency)
}

func iconOf(target string, t sdk.TargetInfo) string {
	if t.Icon == "" {
		return ""
	}
	plugin, name := cutTarget(target)
	return "/share/icons/" + plugin + "/" + name
}

func (s *Share) connectForm(c *web.Ctx) error {
	page, err := s.connectPage(c, c.Param("target"))
	if err != nil {
		return err
	}
	return c.Render("share/connect", page)
}

// postConnect leads to the remote, or to the question whether the account is theirs.
func (s *Share) postConnect(c *web.Ctx) error {
	target := c.Param("target")
	page, err := s.connectPage(c, target)
	if err != nil {
		return err
	}
	if err := c.Limit("connect", strconv.FormatInt(c.Viewer().Person, 10), 30, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	t, err := s.offered(target)
	if err != nil {
		return err
	}
	values := valuesOf(form, "connect_", t.Connect)
	values["instance"] = form.Get("instance")
	page.Next = web.Local(form.Get("next"))
	away, token, wrong, err := s.connect(c.Context(), whoOf(c), target, values, page.Next)
	switch {
	case err != nil:
		return err
	case len(wrong) > 0:
		page.Fields, page.Server = s.fieldViews(c, target, "connect_", t.Connect, values), values["instance"]
		page.Errors = markErrors(page.Fields, wrong)
		return c.RenderStatus(http.StatusUnprocessableEntity, "share/connect", page)
	case away != "":
		return c.Leave(away)
	}
	return c.Redirect("/connect/confirm/" + token)
}

// callback is where remotes send people back to: one address for all.
func (s *Share) callback(c *web.Ctx) error {
	token, err := s.returned(c.Context(), whoOf(c), answer{
		state: c.Query("state"), code: c.Query("code"), iss: c.Query("iss"), problem: c.Query("error"),
	})
	if err != nil {
		return err
	}
	return c.Redirect("/connect/confirm/" + token)
}

func (s *Share) confirmForm(c *web.Ctx) error {
	target, a, err := s.question(c.Context(), whoOf(c), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Render("share/confirm", ConfirmPage{
		Post: "/connect/confirm/" + c.Param("token"), Target: target, Service: s.targetName(target, c.Lang()), Name: a.Name, URL: a.URL, Place: a.Instance,
	})
}

func (s *Share) postConfirm(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	yes := form.Get("answer") == "yes"
	next, a, err := s.confirm(c.Context(), whoOf(c), c.Param("token"), yes)
	if err != nil {
		return err
	}
	if !yes {
		c.Flash(web.Done, "share.flash.not_connected")
		return c.Redirect("/settings/sharing")
	}
	c.Flash(web.Done, "share.flash.connected", "account", a.Name)
	if next == "" || next == "/" {
		next = "/settings/sharing"
	}
	return c.Redirect(next)
}

// clientMetadata is the document that says who we are to servers that want no
// registration (draft-ietf-oauth-client-id-metadata-document, as atproto uses it).
func (s *Share) clientMetadata(c *web.Ctx) error {
	site, err := c.Site()
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{
		"client_id": s.url(metadataPath), "client_name": site.Name, "client_uri": s.url("/"), "application_type": "web",
		"redirect_uris": []string{s.url(callbackPath)}, "grant_types": []string{"authorization_code", "refresh_token"},
		"response_types": []string{"code"}, "scope": s.metadataScope(), "token_endpoint_auth_method": "none", "dpop_bound_access_tokens": true,
	})
}

// metadataScope is all that targets with such a client ask for.
func (s *Share) metadataScope() string {
	var all []string
	for _, p := range s.Plugins() {
		for _, t := range p.Descriptor.Targets {
			if t.OAuth != nil && t.OAuth.ClientMetadata {
				all = append(all, t.OAuth.Scopes...)
			}
		}
	}
	return joinOnce(all)
}

// markErrors puts what is wrong beside the fields, and gives it for the summary.
func markErrors(fields []FieldView, wrong []host.FieldError) map[string]string {
	errs := map[string]string{}
	for _, w := range wrong {
		name := w.Key
		for i := range fields {
			if fields[i].Key == w.Key {
				fields[i].Error, name = w.Text, fields[i].Name
			}
		}
		if name == "" {
			name = "form"
		}
		errs[name] = w.Text
	}
	return errs
}
