package share

import (
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
	in.Get("/b/:id/qr.svg", s.qr)
	in.Get("/b/:id/share", s.sheet)
	in.Post("/share/:target/:id", s.post)
}

// SheetPage is the page "share/sheet".
type SheetPage struct {
	Badge      badge.Card
	BadgeURL   string
	Visibility string
	PublicURL  string
	CardImage  string
	Groups     []TargetGroup
	History    []SharedView
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

	NeedsInstance bool
	Instance      string // the server used last

	Reason string // why it cannot be used now; "" when it can
}

// SharedView is one line of the history.
type SharedView struct {
	Target, State string
	At            time.Time
	URL           string
}

// Meta titles the page.
func (SheetPage) Meta() web.Meta { return web.Meta{Title: "share.title", NoIndex: true} }

func (s *Share) sheet(c *web.Ctx) error {
	b, err := s.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	path := "/b/" + b.PublicID
	page := SheetPage{
		Badge: badge.NewCard(b, b.Person, c.Now()), BadgeURL: path, Visibility: string(b.Visibility), PublicURL: c.URL(path),
		CardImage: path + "/card.png", Text: c.T("share.text_of", "name", b.Class.Name, "issuer", b.Class.Issuer.Name),
	}
	page.Embed, page.QR = frame(c, b.Class.Name, path, embedWidth, embedHeight), path+"/qr.svg"
	if page.Groups, err = s.groups(c, b); err != nil {
		return err
	}
	history, err := s.History(c.Context(), b.Person, b)
	if err != nil {
		return err
	}
	for _, h := range history {
		page.History = append(page.History, SharedView{Target: s.nameOf(h.Target, c.Lang()), State: h.State, At: h.At, URL: h.URL})
	}
	return c.Render("share/sheet", page)
}

func (s *Share) groups(c *web.Ctx, b badge.Badge) ([]TargetGroup, error) {
	groups := []TargetGroup{{Key: "profile"}, {Key: "post"}, {Key: "send"}}
	for _, t := range s.Targets(c.Context(), sdk.ItemBadge, c.Lang()) {
		v, err := s.view(c, t, b)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(groups, func(g TargetGroup) bool { return g.Key == string(t.Purpose) })
		groups[at].Targets = append(groups[at].Targets, v)
	}
	return slices.DeleteFunc(groups, func(g TargetGroup) bool { return len(g.Targets) == 0 }), nil
}

func (s *Share) view(c *web.Ctx, t Target, b badge.Badge) (TargetView, error) {
	v := TargetView{ID: t.ID, Name: t.Label, Verb: string(t.Purpose), URL: "/share/" + t.ID + "/" + b.PublicID, Host: t.Host, NeedsInstance: t.Instance}
	if t.Reason != nil {
		v.Reason = c.Sentence(t.Reason)
	}
	if !strings.Contains(t.Label, t.Service) {
		v.Name = t.Service + " · " + t.Label
	}
	if t.Icon {
		v.Icon = "/share/icons/" + strings.Replace(t.ID, ".", "/", 1)
	}
	if !t.Instance {
		return v, nil
	}
	var err error
	v.Instance, err = s.Instance(c.Context(), b.Person, t.ID)
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
			return d.ServiceOf(t, lang) + " · " + sdk.Label(t.Labels, lang, target)
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
	to, err := s.Do(c.Context(), me, Order{Target: c.Param("target"), Badge: c.Param("id"), Lang: c.Lang(), Instance: form.Get("instance")})
	if f, ok := fault.As(err); ok && f.Kind != fault.NotFound && f.Kind != fault.Conflict && !c.WantsJSON() {
		pairs := []string{}
		for k, v := range f.Args {
			pairs = append(pairs, k, v)
		}
		c.Flash(web.Problem, f.Key, pairs...)
		return c.Redirect("/b/" + c.Param("id") + "/share")
	}
	if err != nil {
		return err
	}
	return c.Leave(to)
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
