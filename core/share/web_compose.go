package share

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// ComposePage is the page "share/compose": words, options and how it will look.
type ComposePage struct {
	Subject   SubjectView
	Back      string // the sheet
	Post      string // where the form goes
	Target    string
	Name      string // of the target
	Service   string
	Icon      string
	Verb      string // post, send or profile
	PublicURL string
	CardImage string
	Accounts  []AccountChoice
	Connect   string // address that connects another account; "" without accounts
	Text      string
	Otherwise string // what is posted without words
	Max       int    // characters; 0 for no limit
	Count     string // how they are counted
	Fields    []FieldView
	Agree     bool   // whether the person has to agree first
	Shown     string // the earner's name, when the badge shows it
	Cost      string
	Preview   PreviewView
	Errors    map[string]string // message keys
}

// AccountChoice is an account to post with.
type AccountChoice struct {
	ID, Name string
	Selected bool
	Usable   bool
}

// PreviewView is what would be posted; its Text is empty while nobody asked.
type PreviewView struct {
	Text, Subject string
	Used, Max     int
	Problems      []string // the plugin's plain words
	Failed        string   // why there is none
}

// Meta titles the page.
func (p ComposePage) Meta() web.Meta { return web.Meta{Title: titleOf(p.Subject), NoIndex: true} }

// composing is what a form of the page brought.
type composing struct {
	account, text string
	options       map[string]string // nil: the form was not sent
	agreed        bool
}

func readComposing(form web.Form, t sdk.TargetInfo) composing {
	return composing{
		account: form.Get("account"), text: form.Get("words"), options: valuesOf(form, "option_", optionsOf(t)), agreed: form.Get("agree") == "yes",
	}
}

func (s *Share) composePage(c *web.Ctx, sub Subject, target string, t sdk.TargetInfo, in composing) (ComposePage, error) {
	path := sub.Path
	page := ComposePage{
		Subject: subjectView(sub), Back: path + "/share", Post: "/share/" + target + "/" + sub.Ref, Target: target,
		Name: s.nameOf(target, c.Lang()), Service: s.targetName(target, c.Lang()), Icon: iconOf(target, t), Verb: string(t.Purpose),
		PublicURL: c.URL(path), CardImage: sub.Card, Text: in.text, Max: t.Limits.MaxChars, Count: string(t.Limits.Count),
		Fields: s.fieldViews(c, target, "option_", optionsOf(t), in.options), Cost: costOf(c, t.Limits),
	}
	page.Shown, page.Otherwise = sub.Shown, sdk.Words(s.item(sub, c.Lang()))
	if in.options == nil {
		page.Text = textOf(c, sub)
	}
	agreed, err := s.agreed(c.Context(), sub.person, target)
	if err != nil {
		return page, err
	}
	page.Agree = !agreed
	if !needsAccount(t) {
		return page, nil
	}
	page.Connect = "/connect/" + target + "?next=" + path + "/share/" + target
	list, err := s.Accounts(c.Context(), sub.person)
	for _, a := range list {
		if a.Target == target {
			page.Accounts = append(page.Accounts, AccountChoice{ID: a.ID, Name: a.Name, Usable: a.State == AccountOK, Selected: a.ID == in.account})
		}
	}
	return page, err
}

// agreed tells whether a person knows what leaves for a target.
func (s *Share) agreed(ctx context.Context, person int64, target string) (bool, error) {
	list, err := listChoices(ctx, s.base.Read(), person)
	return slices.ContainsFunc(list, func(p preferred) bool { return p.target == target && p.agreed }), err
}

// compose shows the page. A target whose account is not connected leads there first.
func (s *Share) compose(c *web.Ctx) error {
	target := c.Param("target")
	t, err := s.offered(target)
	if err != nil {
		return err
	}
	sub, err := s.shareable(c.Context(), c.Viewer().Person, refOf(c))
	if err != nil {
		return err
	}
	page, err := s.composePage(c, sub, target, t, composing{})
	if err != nil {
		return err
	}
	if needsAccount(t) && len(page.Accounts) == 0 {
		return c.Redirect(page.Connect)
	}
	return c.Render("share/compose", page)
}

// preview shows the page with what would be posted, as the plugin makes it.
func (s *Share) preview(c *web.Ctx) error {
	target := c.Param("target")
	t, err := s.offered(target)
	if err != nil {
		return err
	}
	sub, err := s.shareable(c.Context(), c.Viewer().Person, refOf(c))
	if err != nil {
		return err
	}
	if err := c.Limit("share.preview", strconv.FormatInt(sub.person, 10), 1200, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	in := readComposing(form, t)
	page, err := s.composePage(c, sub, target, t, in)
	if err != nil {
		return err
	}
	page.Preview = s.previewOf(c, sub, target, t, in)
	return c.Render("share/compose", page)
}

func (s *Share) previewOf(c *web.Ctx, sub Subject, target string, t sdk.TargetInfo, in composing) PreviewView {
	options, _ := checkFields(optionsOf(t), in.options) // what is wrong is told when it is sent
	plugin, name := cutTarget(target)
	settings, err := s.settingsOf(c.Context(), plugin)
	if err != nil {
		c.Log().Warn("settings cannot be read", "plugin", plugin, "error", err)
	}
	item := s.item(sub, c.Lang())
	item.Text = clipText(in.text)
	p, err := s.host.Preview(c.Context(), plugin, host.Request{Target: name, Item: item, Options: options, Settings: settings})
	if err != nil {
		f := host.AsFailure(err)
		v := PreviewView{Failed: c.T("share.preview_failed")}
		if f.Cause != nil {
			v.Failed = c.Sentence(f.Cause)
		}
		return v
	}
	v := PreviewView{Text: p.Text, Subject: p.Subject, Used: p.Used, Max: p.Max}
	for _, e := range p.Errors {
		v.Problems = append(v.Problems, e.Text)
	}
	return v
}

func clipText(text string) string {
	if r := []rune(text); len(r) > maxText {
		return string(r[:maxText])
	}
	return text
}

// postJob queues a share and goes back to the sheet, whose history shows it.
func (s *Share) postJob(c *web.Ctx, target string, t sdk.TargetInfo, form web.Form) error {
	me := c.Viewer().Person
	in := readComposing(form, t)
	sub, err := s.shareable(c.Context(), me, c.Param("id"))
	if err != nil {
		return err
	}
	agreed, err := s.agreed(c.Context(), me, target)
	if err != nil {
		return err
	}
	var wrong []host.FieldError
	if !agreed && !in.agreed {
		wrong = []host.FieldError{{Key: "agree", Text: "share.field.agree"}}
	} else {
		_, wrong, err = s.Post(c.Context(), me, PostOrder{
			Target: target, Subject: c.Param("id"), Account: in.account, Lang: c.Lang(), Text: in.text, Options: in.options,
		})
		if err == nil && len(wrong) == 0 && !agreed {
			err = s.agree(c.Context(), me, target)
		}
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.TooMany || f.Kind == fault.Conflict) {
		c.Flash(web.Problem, f.Key, pairs(f)...)
		return c.Redirect(sub.Path + "/share")
	}
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		return c.Redirect(sub.Path + "/share#s-history")
	}
	page, err := s.composePage(c, sub, target, t, in)
	if err != nil {
		return err
	}
	page.Errors = markErrors(page.Fields, wrong)
	return c.RenderStatus(http.StatusUnprocessableEntity, "share/compose", page)
}

func pairs(f *fault.Error) []string {
	var list []string
	for k, v := range f.Args {
		list = append(list, k, v)
	}
	return list
}

// choose takes what a person says about a share.
func (s *Share) choose(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	me := c.Viewer().Person
	j, err := s.Job(c.Context(), me, c.Param("job"))
	if err != nil {
		return err
	}
	sub, err := s.ofJob(c.Context(), j)
	if err != nil {
		return err
	}
	if err := s.Choose(c.Context(), me, c.Param("job"), Choice(form.Get("do"))); err != nil {
		return err
	}
	return c.Redirect(sub.Path + "/share#s-history")
}
