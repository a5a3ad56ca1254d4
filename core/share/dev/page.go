package dev

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/themes"
)

//go:embed page.html page.css page.js
var files embed.FS

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, "page.html")) })

// policy keeps what a plugin says from doing anything on the page.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

type page struct {
	Name, Version, Problem string
	Built                  time.Time
	PID                    int
	Memory                 int64
	Item                   sdk.Item
	Hosts, Egress          []string
	Settings               []fieldView
	Targets                []targetView
	Moods                  []string
	Mood, ScriptProblem    string
	Drawn                  int // the change that the page shows, see events
	Script                 string
	Calls                  []Call
	Exchanges              []Exchange
	Log                    []string
}

type targetView struct {
	ID, Label, Kind    string
	Instance, Link     bool
	Retract, OAuth     bool
	Connect, Options   []fieldView
	Scopes, Limit, URL string
}

type fieldView struct {
	Name, Label, Help, Type, Value string
	Choices                        []string
	Required                       bool
}

func (w *Workshop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.show)
	mux.HandleFunc("GET /page.css", w.file(files, "page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", w.file(files, "page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /morph.js", w.file(themes.FS, "default/assets/morph.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /events", w.events)
	mux.HandleFunc("POST /call/{target}/{what}", w.ask)
	mux.HandleFunc("POST /remote", w.setRemote)
	mux.HandleFunc("POST /settings", w.setSettings)
	return guarded(mux)
}

// guarded refuses names that are not this machine's (a foreign page that lets its
// own name lead here) and forms of other pages.
func guarded(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if ip := net.ParseIP(name); err != nil || name != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "open this at localhost", http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	}))
}

func (w *Workshop) file(from embed.FS, name, kind string) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) {
		data, err := from.ReadFile(name)
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
		out.Header().Set("Content-Type", kind)
		_, _ = out.Write(data)
	}
}

func (w *Workshop) show(out http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, w.page()); err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.Write(b.Bytes())
}

func (w *Workshop) page() page {
	drawn, _ := w.changed.now() // before what is shown, which may be newer
	w.mu.Lock()
	defer w.mu.Unlock()
	st := w.status()
	p := page{
		Drawn: drawn,
		Name:  sdk.Label(w.plugin.Name, "en", w.id), Version: w.plugin.Version, Problem: w.problem, Built: w.built, PID: st.PID, Memory: st.Memory >> 20,
		Item: w.opt.Item("en"), Hosts: w.plugin.Hosts, Egress: w.plugin.Egress, Moods: Moods, Script: scriptFile,
		Settings: w.fields("setting.", w.plugin.Settings, w.settings), Calls: slices.Clone(w.calls), Log: st.LastLogs,
	}
	if st.Reason != nil && p.Problem == "" {
		p.Problem = w.opt.Words(st.Reason)
	}
	slices.Reverse(p.Calls)
	p.Mood, p.ScriptProblem, p.Exchanges = w.remote.view()
	for _, t := range w.plugin.Targets {
		p.Targets = append(p.Targets, w.target(t))
	}
	return p
}

func (w *Workshop) target(t sdk.TargetInfo) targetView {
	v := targetView{
		ID: t.ID, Label: sdk.Label(t.Labels, "en", t.ID), Kind: string(t.Kind), Instance: t.NeedsInstance, Link: t.Kind == sdk.KindLink,
		Retract: t.Retract, OAuth: t.OAuth != nil, Connect: w.fields("connect.", t.Connect, nil), Options: w.fields("option.", t.Options, nil), URL: "/call/" + t.ID + "/",
	}
	if t.OAuth != nil {
		v.Scopes = strings.Join(t.OAuth.Scopes, " ")
	}
	if t.Limits.MaxChars > 0 {
		v.Limit = fmt.Sprintf("%d characters, counted as %s", t.Limits.MaxChars, t.Limits.Count)
	}
	return v
}

func (w *Workshop) fields(prefix string, fields []sdk.Field, values map[string]string) []fieldView {
	list := make([]fieldView, 0, len(fields))
	for _, f := range fields {
		v := fieldView{Name: prefix + f.Key, Label: w.plugin.Text("field."+f.Key, "en"), Help: w.plugin.Text("field."+f.Key+".help", "en"), Type: string(f.Type), Value: values[f.Key], Choices: f.Choices, Required: f.Required}
		if v.Label == "" {
			v.Label = f.Key
		}
		if values == nil {
			v.Value = f.Fallback
		}
		list = append(list, v)
	}
	return list
}

// events tells the page the number of each change, and first the newest one: what
// happened while the page was on its way is not missed.
func (w *Workshop) events(out http.ResponseWriter, r *http.Request) {
	out.Header().Set("Content-Type", "text/event-stream")
	c := http.NewResponseController(out)
	for {
		n, changed := w.changed.now()
		if changed == nil {
			return
		}
		fmt.Fprintf(out, "data: %d\n\n", n)
		if c.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		}
	}
}

// ask has the plugin do what a button says, and notes how it went.
func (w *Workshop) ask(out http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	at := slices.IndexFunc(w.plugin.Targets, func(t sdk.TargetInfo) bool { return t.ID == r.PathValue("target") })
	if at < 0 {
		w.mu.Unlock()
		http.NotFound(out, r)
		return
	}
	t, id := w.plugin.Targets[at], w.id
	q := w.request(r, t)
	w.mu.Unlock()
	c := Call{At: time.Now(), Target: t.ID, What: r.PathValue("what")}
	w.do(context.WithoutCancel(r.Context()), id, t, q, &c) // the page may be drawn anew meanwhile
	c.Took = time.Since(c.At)
	w.note(c)
	http.Redirect(out, r, "/#target-"+t.ID, http.StatusSeeOther)
}

// request is what the host would send, with a grant that only the remote here takes.
// The caller holds w.mu.
func (w *Workshop) request(r *http.Request, t sdk.TargetInfo) host.Request {
	q := host.Request{Target: t.ID, Item: w.opt.Item("en"), Settings: w.settings, Options: map[string]string{}, Key: rand.Text()}
	q.Item.Text, q.Item.Instance = r.PostForm.Get("text"), r.PostForm.Get("instance")
	if t.Kind == sdk.KindLink {
		return q
	}
	for _, f := range t.Options {
		q.Options[f.Key] = r.PostForm.Get("option." + f.Key)
	}
	q.Grant = host.Grant{Instance: q.Item.Instance, AccountID: "1", Fields: map[string]string{}}
	if t.OAuth != nil {
		q.Grant.AccessToken = "a-token-of-the-workshop"
	}
	for _, f := range t.Connect {
		q.Grant.Fields[f.Key] = r.PostForm.Get("connect." + f.Key)
	}
	return q
}

func (w *Workshop) do(ctx context.Context, id string, t sdk.TargetInfo, q host.Request, c *Call) {
	var err error
	switch {
	case c.What == "share" && t.Kind == sdk.KindLink:
		var r host.Result
		r, err = w.host.Share(ctx, id, q)
		c.Outcome, c.URL = "open", r.URL
	case c.What == "share":
		var p host.Posted
		p, err = w.host.Submit(ctx, id, q)
		c.Outcome, c.URL, c.Text = "posted", p.URL, " as "+p.RemoteID
		if p.Pending != nil {
			c.Outcome, c.Text = "pending", fmt.Sprintf(" %q, look again in %v", p.Pending.State, p.Pending.After)
		}
		w.keep(t.ID, p, err)
	case c.What == "preview":
		var p host.Preview
		p, err = w.host.Preview(ctx, id, q)
		c.Outcome, c.Text = "preview", previewText(p)
	case c.What == "identify":
		var a host.Account
		a, err = w.host.Identify(ctx, id, t.ID, q.Grant, q.Settings)
		c.Outcome, c.URL, c.Text = "account", a.URL, " "+a.Name+" ("+a.ID+")"
	case c.What == "retract":
		w.mu.Lock()
		p := w.last[t.ID]
		w.mu.Unlock()
		err = w.host.Retract(ctx, id, host.Made{Target: t.ID, Grant: q.Grant, Settings: q.Settings, Posted: p})
		c.Outcome, c.Text = "gone", " "+p.RemoteID
	default:
		err = errors.New("there is no such button")
	}
	if err != nil {
		c.Outcome, c.Text, c.URL = "failed", w.failure(err), ""
	}
}

func (w *Workshop) keep(target string, p host.Posted, err error) {
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last[target] = p
}

func previewText(p host.Preview) string {
	text := fmt.Sprintf(" %d of %d characters: %s", p.Used, p.Max, p.Text)
	if p.Max == 0 {
		text = fmt.Sprintf(" %d characters: %s", p.Used, p.Text)
	}
	for _, e := range p.Errors {
		text += "; " + e.Key + ": " + e.Text
	}
	return text
}

// failure tells the class of a failure, which decides what the passport does next.
func (w *Workshop) failure(err error) string {
	var f *host.Failure
	if !errors.As(err, &f) {
		return w.opt.Words(err)
	}
	text := string(f.Code)
	if f.Cause != nil {
		return text + ": " + w.opt.Words(f.Cause)
	}
	if f.After > 0 {
		text += " after " + f.After.String()
	}
	if f.Key != "" {
		w.mu.Lock()
		text += " (" + f.Key + ") " + w.plugin.Text("failure."+f.Key, "en")
		w.mu.Unlock()
	}
	return strings.TrimRight(text+": "+f.Detail, ": ")
}

func (w *Workshop) setRemote(out http.ResponseWriter, r *http.Request) {
	if !w.remote.setMood(r.FormValue("mood")) {
		http.Error(out, "there is no such answer", http.StatusBadRequest)
		return
	}
	http.Redirect(out, r, "/#remote", http.StatusSeeOther)
}

// setSettings takes settings as an administrator's form would.
func (w *Workshop) setSettings(out http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	values := map[string]string{}
	w.mu.Lock()
	for _, f := range w.plugin.Settings {
		values[f.Key] = r.PostForm.Get("setting." + f.Key)
	}
	w.settings = values
	id := w.id
	w.mu.Unlock()
	c := Call{At: time.Now(), Target: "settings", What: "configure", Outcome: "taken"}
	wrong, err := w.host.Configure(r.Context(), id, values, "en", r.PostForm.Get("test") != "")
	for _, e := range wrong {
		c.Outcome = "refused"
		c.Text += " " + e.Key + ": " + e.Text
	}
	if err != nil && !errors.Is(err, host.ErrNoCheck) {
		c.Outcome, c.Text = "failed", w.failure(err)
	}
	c.Took = time.Since(c.At)
	w.note(c)
	http.Redirect(out, r, "/#settings", http.StatusSeeOther)
}
