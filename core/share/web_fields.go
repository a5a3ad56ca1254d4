package share

import (
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// FieldView is one field of a form that a plugin asks for.
type FieldView struct {
	Name     string // in the form
	Key      string
	Label    string
	Help     string
	Type     string // as in the contract
	Input    string // type of the input element
	Value    string
	Required bool
	Max      int
	Error    string // message key
	Choices  []ChoiceView
}

// ChoiceView is one value of a choice.
type ChoiceView struct {
	Value, Label string
	Selected     bool
}

var inputs = map[sdk.FieldType]string{
	sdk.FieldSecret: "password", sdk.FieldURL: "url", sdk.FieldEmail: "text", sdk.FieldNumber: "number",
}

// fieldViews draws fields. Values of secrets are never drawn again.
func (s *Share) fieldViews(c *web.Ctx, target, prefix string, fields []sdk.Field, values map[string]string) []FieldView {
	list := make([]FieldView, 0, len(fields))
	for _, f := range fields {
		v := FieldView{
			Name: prefix + f.Key, Key: f.Key, Type: string(f.Type), Input: inputs[f.Type], Required: f.Required, Max: f.Max,
			Label: s.text(target, c.Lang(), "field."+f.Key), Help: s.text(target, c.Lang(), "field."+f.Key+".help"),
		}
		if v.Label == "" {
			v.Label = f.Key
		}
		switch {
		case f.Key == mailReply:
			v.Label, v.Help = c.T("share.mail.reply"), c.T("share.mail.reply_text")
		case f.Key == mailTo && f.Type == sdk.FieldEmail && v.Help == "":
			v.Help = c.T("share.mail.to_text")
		}
		if v.Input == "" {
			v.Input = "text"
		}
		if f.Type != sdk.FieldSecret {
			v.Value = values[f.Key]
			if v.Value == "" && values == nil {
				v.Value = f.Fallback
			}
		}
		for _, choice := range f.Choices {
			label := s.text(target, c.Lang(), "choice."+f.Key+"."+choice)
			if label == "" {
				label = choice
			}
			v.Choices = append(v.Choices, ChoiceView{choice, label, choice == v.Value})
		}
		list = append(list, v)
	}
	return list
}

// valuesOf reads the values of fields out of a form.
func valuesOf(form web.Form, prefix string, fields []sdk.Field) map[string]string {
	values := map[string]string{}
	for _, f := range fields {
		v := form.Get(prefix + f.Key)
		if f.Type == sdk.FieldSwitch && v != "" {
			v = "true"
		}
		values[f.Key] = v
	}
	return values
}

func cutTarget(target string) (plugin, name string) {
	plugin, name, _ = strings.Cut(target, ".")
	return plugin, name
}

// joinOnce joins words, each once.
func joinOnce(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}
