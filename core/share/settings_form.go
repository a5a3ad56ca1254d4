package share

import (
	"errors"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/core/web"
)

// SettingsForm is what an administrator sets of a plugin, to be drawn.
type SettingsForm struct {
	Fields  []FieldView
	Secrets []SecretView // those that are set
	Errors  map[string]string
	Note    string // what came of a try; "" without one
}

// SecretView is a secret that is set, and never shown.
type SecretView struct{ Name, Label string }

const (
	settingPrefix = "setting-"
	forgetPrefix  = "forget-"
)

// SettingsForm draws the settings of a plugin as they are stored.
func (s *Share) SettingsForm(c *web.Ctx, plugin string) (SettingsForm, error) {
	values, set, err := s.Settings(c.Context(), plugin)
	if err != nil {
		return SettingsForm{}, err
	}
	return s.drawSettings(c, plugin, values, set), nil
}

func (s *Share) drawSettings(c *web.Ctx, plugin string, values map[string]string, set map[string]bool) SettingsForm {
	fields := s.descriptor(plugin).Settings
	form := SettingsForm{Fields: s.fieldViews(c, plugin, settingPrefix, fields, values)}
	for i, f := range fields {
		if !set[f.Key] {
			continue
		}
		form.Fields[i].Required = false // an empty field leaves it
		form.Fields[i].Help = c.T("admin.plugin.secret_set")
		form.Secrets = append(form.Secrets, SecretView{forgetPrefix + f.Key, form.Fields[i].Label})
	}
	return form
}

// TakeSettings stores what a form brought, or with test only tries it. The form is
// drawn again with what is wrong; ok tells whether nothing was.
func (s *Share) TakeSettings(c *web.Ctx, plugin string, form web.Form, test bool) (again SettingsForm, ok bool, err error) {
	fields := s.descriptor(plugin).Settings
	values := valuesOf(form, settingPrefix, fields)
	var forget []string
	for _, f := range fields {
		if form.Get(forgetPrefix+f.Key) != "" {
			forget = append(forget, f.Key)
		}
	}
	wrong, err := s.SaveSettings(c.Context(), plugin, values, SaveOptions{Lang: c.Lang(), Test: test, DryRun: test, Forget: forget})
	note := "admin.settings.tested"
	if errors.Is(err, ErrNoCheck) {
		note, err = "admin.settings.untested", nil
	}
	if f := host.AsFailure(err); err != nil && f.Cause == nil { // the plugin's own words: the remote did not take them
		wrong, err = append(wrong, host.FieldError{Text: s.failureText(c, plugin, f)}), nil
	}
	if err != nil || len(wrong) == 0 && !test {
		return SettingsForm{}, err == nil, err
	}
	_, set, err := s.Settings(c.Context(), plugin)
	again = s.drawSettings(c, plugin, values, set)
	if len(wrong) == 0 {
		again.Note = c.T(note)
		return again, true, err
	}
	again.Errors = markErrors(again.Fields, wrong)
	return again, false, err
}

func (s *Share) failureText(c *web.Ctx, plugin string, f *host.Failure) string {
	if text := s.text(plugin, c.Lang(), "failure."+f.Key); f.Key != "" && text != "" {
		return text
	}
	if f.Detail != "" {
		return f.Detail
	}
	return c.T("admin.plugin.test_failed", "code", c.T("admin.plugin.code."+string(f.Code)))
}
