package share

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// Mount makes the routes of sharing.
func (s *Share) Mount(r web.Router) {
	r.Get("/share/icons/:plugin/:target", s.icon)
	r.Get("/embed/b/:id", s.embed)
	r.Get("/oembed", s.oembed)
	in := r.Group(web.SignedIn)
	r.Get("/embed/p/:id", s.embedPageOf)
	in.Get("/@:name/qr.svg", s.qr)
	for _, page := range []string{"/b/:id", "/@:name", "/p/:id"} {
		in.Get(page+"/share", s.sheet)
		in.Post(page+"/share", s.publish)
		in.Get(page+"/share/:target", s.compose)
	}
	in.Post("/share/:target/:id", s.post)
	in.Post("/share/:target/:id/preview", s.preview)
	in.Post("/shares/:job", s.choose)
	r.Get(metadataPath, s.clientMetadata)
	in.Get(callbackPath, s.callback)
	in.Get("/connect/confirm/:token", s.confirmForm)
	in.Post("/connect/confirm/:token", s.postConfirm)
	in.Get("/connect/:target", s.connectForm)
	in.Post("/connect/:target", s.postConnect)
	in.Get("/settings/sharing", s.accountsPage)
	in.Post("/settings/sharing/order", s.postOrder)
	in.Post("/settings/sharing/:id", s.postAccount)
}

// refOf is what an address of a page is about.
func refOf(c *web.Ctx) string {
	if name := c.Param("name"); name != "" {
		return "@" + name
	}
	if strings.HasPrefix(c.Path(), "/p/") {
		return ofPage + c.Param("id")
	}
	return c.Param("id")
}

// SubjectView is what is shared as pages show it.
type SubjectView struct {
	Type     string // badge, page or profile
	Name, By string
	URL      string // its page
}

func subjectView(sub Subject) SubjectView {
	return SubjectView{Type: string(sub.Type), Name: sub.Name, By: sub.By, URL: sub.Path}
}

// titleOf is the message key of the heading of pages that share something.
func titleOf(v SubjectView) string {
	switch sdk.ItemType(v.Type) {
	case sdk.ItemProfile:
		return "share.title_profile"
	case sdk.ItemPage:
		return "share.title_page"
	}
	return "share.title"
}

// textOf is what a person who writes nothing says.
func textOf(c *web.Ctx, sub Subject) string {
	if sub.Type == sdk.ItemProfile {
		return c.T("share.text_of_profile")
	}
	if sub.Type == sdk.ItemPage {
		return sub.Name
	}
	return c.T("share.text_of", "name", sub.Name, "issuer", sub.By)
}

// SheetPage is the page "share/sheet".
type SheetPage struct {
	Subject    SubjectView
	Visibility string // of a badge; public, profile or page
	PageID     string // public id of a page
	Closed     bool   // a profile that its privacy settings alone can open
	PublicURL  string
	CardImage  string
	Groups     []TargetGroup
	Hidden     []TargetView // that the person put aside
	History    []SharedView
	Working    bool // something of the history goes on by itself
	Text       string
	Embed      string // code for a page of one's own
	QR         string
}

// TargetGroup is some targets under one heading.
type TargetGroup struct {
	Key     string // share.group.<Key>
	Targets []TargetView
}

// TargetView is one button.
type TargetView struct {
	ID, Name, Verb, Icon, URL, Host string

	Compose string // page where it is written; "" for a link
	Account string // the account it is posted with, by name; "" for none yet

	NeedsInstance bool
	Instance      string // the server used last

	Reason string // why it cannot be used now; "" when it can
}

// SharedView is one line of the history.
type SharedView struct {
	Target, State string
	At            time.Time
	URL           string

	Job     string // public id, "" for a link
	Why     string // a sentence; may be empty
	Detail  string // the service's own words; may be empty
	Next    time.Time
	Choices []Choice

	Reconnect string // where the account is connected that it waits for; "" when it waits for none
}

// Meta titles the page.
func (p SheetPage) Meta() web.Meta { return web.Meta{Title: titleOf(p.Subject), NoIndex: true} }

func (s *Share) sheet(c *web.Ctx) error {
	sub, err := s.subject(c.Context(), c.Viewer().Person, refOf(c))
	if err != nil {
		return err
	}
	if sub.badge.Unclaimed { // it cannot be shown until the address is theirs
		return c.Redirect(sub.Path + "/claim")
	}
	page := SheetPage{
		Subject: subjectView(sub), Visibility: visibilityOf(sub), PublicURL: c.URL(sub.Path), CardImage: sub.Card, Text: textOf(c, sub),
	}
	page.PageID = sub.page.PublicID
	if sub.Type == sdk.ItemProfile && !sub.Public {
		p, err := s.accounts.PrivacyOf(c.Context(), s.base.Read(), sub.person)
		if err != nil {
			return err
		}
		page.Closed = !openable(p)
	}
	page.Embed, page.QR = frame(c, sub.Name, sub.Path, embedWidth, embedHeight), sub.Path+"/qr.svg"
	if page.Groups, page.Hidden, err = s.groups(c, sub); err != nil {
		return err
	}
	if page.History, page.Working, err = s.historyViews(c, sub); err != nil {
		return err
	}
	return c.Render("share/sheet", page)
}

// visibilityOf is the level of a badge; a profile or a page that not everybody sees is
// called by its type.
func visibilityOf(sub Subject) string {
	switch {
	case sub.Type == sdk.ItemBadge:
		return string(sub.badge.Visibility)
	case sub.Public:
		return string(badge.Public)
	}
	return string(sub.Type)
}

// historyViews is what was shared of something, links and posts, the newest first.
func (s *Share) historyViews(c *web.Ctx, sub Subject) (list []SharedView, working bool, err error) {
	links, err := s.History(c.Context(), sub)
	if err != nil {
		return nil, false, err
	}
	for _, h := range links {
		list = append(list, SharedView{Target: s.nameOf(h.Target, c.Lang()), State: h.State, At: h.At, URL: h.URL})
	}
	posts, err := s.Jobs(c.Context(), sub)
	if err != nil {
		return nil, false, err
	}
	for _, j := range posts {
		v := SharedView{Target: s.nameOf(j.Target, c.Lang()), State: j.State, At: j.At, URL: j.URL, Job: j.ID, Choices: s.choices(j), Next: j.Next}
		v.Why, v.Detail = s.why(c, j)
		if j.Reason == parked {
			v.Next, v.Reconnect = time.Time{}, "/connect/"+j.Target+"?next="+url.QueryEscape(c.Path())
		}
		list = append(list, v)
		soon := j.Next.IsZero() || j.Next.Before(c.Now().Add(time.Minute))
		working = working || soon && j.Reason != parked && (j.Waits() || j.State == JobUncertain && !j.Next.IsZero())
	}
	slices.SortStableFunc(list, func(a, b SharedView) int { return b.At.Compare(a.At) })
	return list, working, nil
}

// why gives what became of a share in a sentence, which is the plugin's where it has one,
// and what the service said in its own words.
func (s *Share) why(c *web.Ctx, j Job) (sentence, detail string) {
	words, own := s.words(j.Target, c.Lang(), j)
	if own && j.Reason != parked || j.Reason == "" {
		return words, ""
	}
	plugin, _ := cutTarget(j.Target)
	return c.T(j.Reason, "plugin", plugin), words
}

func (s *Share) groups(c *web.Ctx, sub Subject) (groups []TargetGroup, aside []TargetView, err error) {
	groups = []TargetGroup{{Key: "profile"}, {Key: "post"}, {Key: "send"}}
	shown, hidden, err := s.order(c.Context(), sub.person, s.Targets(c.Context(), sub.Type, c.Lang()))
	if err != nil {
		return nil, nil, err
	}
	accounts, err := s.Accounts(c.Context(), sub.person)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range hidden {
		v, err := s.view(c, t, sub, accounts)
		if err != nil {
			return nil, nil, err
		}
		aside = append(aside, v)
	}
	for _, t := range shown {
		v, err := s.view(c, t, sub, accounts)
		if err != nil {
			return nil, nil, err
		}
		at := slices.IndexFunc(groups, func(g TargetGroup) bool { return g.Key == string(t.Purpose) })
		groups[at].Targets = append(groups[at].Targets, v)
	}
	return slices.DeleteFunc(groups, func(g TargetGroup) bool { return len(g.Targets) == 0 }), aside, nil
}

// nameOfTarget is whose target it is and what it does.
func nameOfTarget(t Target) string { return wholeName(t.Service, t.Label) }

// wholeName leaves out a service that the label names.
func wholeName(service, label string) string {
	if strings.Contains(strings.ToLower(label), strings.ToLower(service)) {
		return label
	}
	return service + " · " + label
}

func (s *Share) view(c *web.Ctx, t Target, sub Subject, accounts []Account) (TargetView, error) {
	v := TargetView{ID: t.ID, Name: nameOfTarget(t), Verb: string(t.Purpose), URL: "/share/" + t.ID + "/" + sub.Ref, Host: t.Host, NeedsInstance: t.Instance}
	if t.Reason != nil {
		v.Reason = c.Sentence(t.Reason)
	}
	if t.Icon {
		v.Icon = "/share/icons/" + strings.Replace(t.ID, ".", "/", 1)
	}
	if t.Kind != sdk.KindLink {
		v.Compose = sub.Path + "/share/" + t.ID
		if at := slices.IndexFunc(accounts, func(a Account) bool { return a.Target == t.ID }); at >= 0 {
			v.Account = accounts[at].Name
		}
		return v, nil
	}
	if !t.Instance {
		return v, nil
	}
	var err error
	v.Instance, err = s.Instance(c.Context(), sub.person, t.ID)
	return v, err
}

// nameOf gives the words of a target, or its id when its plugin is gone.
func (s *Share) nameOf(id, lang string) string {
	plugin, target, _ := strings.Cut(id, ".")
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.descriptors[plugin]
	for _, t := range d.Targets {
		if t.ID == target {
			return wholeName(d.ServiceOf(t, lang), sdk.Label(t.Labels, lang, target))
		}
	}
	return id
}

// post shares and sends the person to the target. What goes wrong is said on
// the sheet.
func (s *Share) post(c *web.Ctx) error {
	me := c.Viewer().Person
	if err := c.Limit("share", strconv.FormatInt(me, 10), 120, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if t, err := s.offered(c.Param("target")); err == nil {
		return s.postJob(c, c.Param("target"), t, form)
	}
	to, err := s.Do(c.Context(), me, Order{Target: c.Param("target"), Subject: c.Param("id"), Lang: c.Lang(), Instance: form.Get("instance")})
	if f, ok := fault.As(err); ok && f.Kind != fault.NotFound && f.Kind != fault.Gone && f.Kind != fault.Conflict && !c.WantsJSON() {
		c.Flash(web.Problem, f.Key, pairs(f)...)
		return c.Redirect(pathOf(c.Param("id")) + "/share")
	}
	if err != nil {
		return err
	}
	return c.Leave(to)
}

// pathOf is the page of what an address of sharing names.
func pathOf(ref string) string {
	if strings.HasPrefix(ref, "@") {
		return "/" + ref
	}
	if id, ok := strings.CutPrefix(ref, ofPage); ok {
		return "/p/" + id
	}
	return "/b/" + ref
}

// icon serves the drawing of a target, cleaned.
func (s *Share) icon(c *web.Ctx) error {
	svg, ok := s.Icon(c.Param("plugin"), c.Param("target"))
	if !ok {
		return fault.New(fault.NotFound, "share.error.no_icon")
	}
	clean, err := art.CleanSVG([]byte(svg))
	if err != nil {
		return fault.New(fault.NotFound, "share.error.no_icon").Wrap(err)
	}
	return c.Bytes("image/svg+xml", clean, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}
