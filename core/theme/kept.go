package theme

import (
	"bytes"
	"html/template"
	"reflect"
	"sync"
	"time"
)

const (
	fragmentsKept = 2000             // of each generation
	fragmentsLast = 10 * time.Minute // of a generation
)

// fragment is a partial with what it was given, in a language.
type fragment struct {
	lang, name string
	data       any
}

// fragments are the HTML that partials made of values lately. A value that changed is
// another value, so nothing here is ever old; what nobody asks for is gone after two
// generations. The zero value is ready.
type fragments struct {
	mu          sync.Mutex
	now, before map[fragment]template.HTML
	since       time.Time
}

func (f *fragments) get(key fragment) (template.HTML, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	html, ok := f.now[key]
	if !ok {
		if html, ok = f.before[key]; ok {
			f.now[key] = html
		}
	}
	return html, ok
}

func (f *fragments) put(key fragment, html template.HTML, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now == nil || len(f.now) >= fragmentsKept || now.Sub(f.since) > fragmentsLast {
		f.before, f.now, f.since = f.now, make(map[fragment]template.HTML), now
	}
	f.now[key] = html
}

func (f *fragments) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now, f.before = nil, nil
}

// kept is a partial for templates, made once for equal values: it must show nothing
// but what it was given, in the language of the page, and nothing of the clock. A value
// with lists or maps in it is drawn each time.
func (t *Theme) kept(lang, name string, data any) (template.HTML, error) {
	if t.dev || data == nil || !reflect.ValueOf(data).Comparable() {
		return t.fragment(lang, name, data)
	}
	key := fragment{lang, name, data}
	if html, ok := t.fragments.get(key); ok {
		return html, nil
	}
	html, err := t.fragment(lang, name, data)
	if err == nil {
		t.fragments.put(key, html, t.clock())
	}
	return html, err
}

func (t *Theme) fragment(lang, name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	err := t.Partial(&out, lang, name, data)
	return template.HTML(out.String()), err //nolint:gosec // G203: html/template made it
}
