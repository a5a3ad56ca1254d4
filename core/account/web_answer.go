package account

import (
	"net/url"

	"github.com/osier-passport/osier/core/web"
)

// Asked is a question in a form, with what was answered.
type Asked struct {
	Question
	Value string
}

// DetailsPage is the page "account/details": what the site asks, and what the person
// answered.
type DetailsPage struct {
	Questions []Asked
	Old       []GivenAnswer // to what is not asked any more
	First     bool          // the person gets on only after answering
	Welcome   bool          // the person has just joined
	Next      string
	Errors    map[string]string
}

// Meta describes the page.
func (DetailsPage) Meta() web.Meta { return private("question.title") }

// asked lists the questions with the values that a form shows.
func (a *Accounts) asked(lang string, values map[string]string) []Asked {
	var list []Asked
	for _, q := range a.Questions(lang) {
		list = append(list, Asked{q, values[q.Key]})
	}
	return list
}

// given reads what a form answers, by the keys of the questions.
func (a *Accounts) given(form web.Form) map[string]string {
	values := map[string]string{}
	for _, f := range a.config.SignUp.Fields {
		values[f.Key] = form.Get(Question{Key: f.Key}.Field())
	}
	return values
}

func (p Pages) detailsPage(c *web.Ctx, values map[string]string) (DetailsPage, error) {
	page := DetailsPage{First: c.Viewer().First == firstAnswer, Welcome: c.Query("welcome") != "", Next: local(c.Query("next"))}
	list, err := p.Answers(c.Context(), p.base.Read(), c.Viewer().Person, c.Lang())
	if err != nil {
		return page, err
	}
	if values == nil {
		values = map[string]string{}
		for _, k := range list {
			values[k.Key] = k.Value
		}
	}
	for _, k := range list {
		if k.Kind == "" {
			page.Old = append(page.Old, k)
		}
	}
	page.Questions = p.asked(c.Lang(), values)
	return page, nil
}

func (p Pages) detailsForm(c *web.Ctx) error {
	page, err := p.detailsPage(c, nil)
	if err != nil {
		return err
	}
	return c.Render("account/details", page)
}

// details keeps the answers, and leads on where somebody was on their way.
func (p Pages) details(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if key := form.Get("forget"); key != "" {
		if err := p.ForgetAnswer(c.Context(), c.Viewer().Person, cutTo(key, 64)); err != nil {
			return err
		}
		c.Flash(web.Done, "account.flash.saved")
		return c.Redirect(firstAnswer)
	}
	values := p.given(form)
	if err := p.SetAnswers(c.Context(), c.Viewer().Person, values); err != nil {
		page, errPage := p.detailsPage(c, values)
		if errPage != nil {
			return errPage
		}
		page.Welcome, page.Next = form.Get("welcome") != "", local(form.Get("next"))
		return again(c, err, "account/details", func(e map[string]string) any { page.Errors = e; return page })
	}
	if next := local(form.Get("next")); next != "" {
		return c.Redirect(onward(next))
	}
	if c.Viewer().First == firstAnswer || form.Get("welcome") != "" {
		return c.Redirect(onward(""))
	}
	c.Flash(web.Done, "account.flash.saved")
	return c.Redirect(firstAnswer)
}

// welcome is where somebody goes who has just joined by a provider: to what the site
// asks, and from there to next.
func (a *Accounts) welcome(next string) string {
	if !a.Asks() {
		return onward(next)
	}
	return firstAnswer + "?welcome=1&next=" + url.QueryEscape(onward(next))
}
