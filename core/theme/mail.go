package theme

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"
)

// Mail is one rendered mail.
type Mail struct{ Subject, Text, HTML string }

// Mail renders templates/mail/<name>.{subject,txt,html} in the language lang.
// The HTML part defines "main" for mail/layout.html.
func (t *Theme) Mail(lang, name string, data any) (Mail, error) {
	subject, err := t.text(view{lang: lang, name: "mail/" + name + ".subject"}, data)
	if err != nil {
		return Mail{}, err
	}
	plain, err := t.text(view{lang: lang, name: "mail/" + name + ".txt"}, data)
	if err != nil {
		return Mail{}, err
	}
	page, err := t.mailPage(view{lang: lang, name: "mail/" + name + ".html"})
	if err != nil {
		return Mail{}, err
	}
	var html bytes.Buffer
	if err := page.ExecuteTemplate(&html, "mail/layout.html", data); err != nil {
		return Mail{}, fmt.Errorf("render mail %s: %w", name, err)
	}
	return Mail{Subject: strings.Join(strings.Fields(subject), " "), Text: strings.TrimSpace(plain) + "\n", HTML: html.String()}, nil
}

// Mails lists the names of all mails, for the test that renders each.
func (t *Theme) Mails() ([]string, error) {
	files, err := t.layers.files("templates/mail", ".subject")
	if err != nil {
		return nil, err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(f, "templates/mail/"), ".subject")
	}
	return names, nil
}

func (t *Theme) text(v view, data any) (string, error) {
	tmpl, err := t.parseText(v)
	if err != nil {
		return "", fmt.Errorf("template %s: %w", v.name, err)
	}
	var out strings.Builder
	if err := tmpl.Execute(&out, data); err != nil {
		return "", fmt.Errorf("render %s: %w", v.name, err)
	}
	return out.String(), nil
}

func (t *Theme) parseText(v view) (*texttemplate.Template, error) {
	if t.dev {
		t.forget()
	}
	t.mu.RLock()
	tmpl := t.texts[v]
	t.mu.RUnlock()
	if tmpl != nil {
		return tmpl, nil
	}
	source, err := fs.ReadFile(t.layers, "templates/"+v.name)
	if err != nil {
		return nil, err
	}
	tmpl, err = texttemplate.New(v.name).Funcs(t.funcs(v.lang)).Option("missingkey=error").Parse(string(source))
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts[v] = tmpl
	return tmpl, nil
}

func (t *Theme) mailPage(v view) (*template.Template, error) {
	if t.dev {
		t.forget()
	}
	t.mu.RLock()
	kept := t.pages[v]
	t.mu.RUnlock()
	if kept.template != nil {
		return kept.template, nil
	}
	page := template.New("").Funcs(t.funcs(v.lang)).Option("missingkey=error")
	for _, name := range []string{"mail/layout.html", v.name} {
		source, err := fs.ReadFile(t.layers, "templates/"+name)
		if err != nil {
			return nil, err
		}
		if _, err := page.New(name).Parse(string(source)); err != nil {
			return nil, fmt.Errorf("template %s: %w", v.name, err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pages[v] = sheet{template: page}
	return page, nil
}
