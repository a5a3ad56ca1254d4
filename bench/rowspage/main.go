// Command rowspage is the page of a badge and of a profile as a program writes it that
// asks for rows and fills a template: one statement for the one, one for the many, and
// html/template, on the same database, without who may see what. The passport's pages
// are held against it.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"html/template"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"
	_ "github.com/mattn/go-sqlite3" // the "sqlite3" driver
)

const (
	itemMost  = 50
	commentsN = 20
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	file := flag.String("file", "", "SQLite database to read")
	flag.Parse()
	if err := serve(*listen, *file); err != nil {
		fmt.Fprintln(os.Stderr, "rowspage:", err)
		os.Exit(1)
	}
}

// page is what the template gets.
type page struct {
	Name, Issuer, Description, Criteria, Person, Handle string
	Issued                                              time.Time
	Items                                               []item
}

// item is a comment, or a badge of a profile.
type item struct {
	Who, Handle, Text string
	At                time.Time
}

var shown = template.Must(template.New("page").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{.Name}}</title><link rel="stylesheet" href="/base.css"></head><body>
<header><nav><ul><li><a href="/badges">Badges</a></li><li><a href="/pages">Pages</a></li><li><a href="/feed">Feed</a></li><li><a href="/explore">Explore</a></li></ul></nav></header>
<main><article><p><a href="/i">{{.Issuer}}</a></p><h1>{{.Name}}</h1>{{with .Person}}<p>Earned by <a href="/@{{$.Handle}}">{{.}}</a></p>{{end}}
{{if not .Issued.IsZero}}<p>Issued <time datetime="{{.Issued.Format "2006-01-02"}}">{{.Issued.Format "2 January 2006"}}</time></p>{{end}}
<p>{{.Description}}</p><section><h2>Criteria</h2><p>{{.Criteria}}</p></section></article>
<ul>{{range .Items}}<li class="item" id="c-{{.Handle}}"><a class="person" href="/@{{.Handle}}"><b>{{.Who}}</b></a> <time datetime="{{.At.Format "2006-01-02T15:04:05Z07:00"}}">{{.At.Format "2 January 2006"}}</time>
<p>{{.Text}}</p><form method="post" action="/c/{{.Handle}}/reply"><input type="hidden" name="csrf" value="x"><button>Reply</button></form></li>
{{end}}</ul></main><footer><p>A passport</p></footer></body></html>`))

func serve(listen, file string) error {
	base, err := sql.Open("sqlite3", "file:"+file+"?mode=ro&_cache_size=-8192")
	if err != nil {
		return err
	}
	defer base.Close()
	base.SetMaxOpenConns(4)
	base.SetMaxIdleConns(4)
	statements := map[string]*sql.Stmt{}
	for name, text := range map[string]string{
		"badge": `SELECT c.id, c.name, i.name, c.description, c.criteria, p.name, p.handle, b.issued_at FROM badge b JOIN badge_class c ON c.id = b.class
			JOIN issuer i ON i.id = c.issuer JOIN person p ON p.id = b.person WHERE b.public_id = ? AND b.visibility = 'public'`,
		"comments": `SELECT p.name, p.handle, m.body, m.created_at FROM comment m JOIN person p ON p.id = m.person WHERE m.class = ? ORDER BY m.id DESC LIMIT ?`,
		"person":   `SELECT id, name, '', about, '', '', handle, 0 FROM person WHERE handle = ?`,
		"badges": `SELECT c.name, b.public_id, i.name, b.issued_at FROM badge b JOIN badge_class c ON c.id = b.class JOIN issuer i ON i.id = c.issuer
			WHERE b.person = ? AND b.visibility = 'public' ORDER BY b.id DESC LIMIT ?`,
	} {
		if statements[name], err = base.Prepare(text); err != nil { //nolint:noctx // for the life of the process
			return err
		}
	}
	f := fiber.New(fiber.Config{DisableStartupMessage: true})
	answer := func(one, many string, most int) fiber.Handler {
		return func(c *fiber.Ctx) error {
			p, err := read(c.Context(), statements[one], statements[many], c.Params("id"), most)
			if err != nil {
				return err
			}
			c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
			return shown.Execute(c.Response().BodyWriter(), p)
		}
	}
	f.Get("/b/:id", answer("badge", "comments", commentsN))
	f.Get("/@:id", answer("person", "badges", itemMost))
	f.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	return f.Listen(listen)
}

func read(ctx context.Context, one, many *sql.Stmt, id string, most int) (page, error) {
	var p page
	var key, at int64
	if err := one.QueryRowContext(ctx, id).Scan(&key, &p.Name, &p.Issuer, &p.Description, &p.Criteria, &p.Person, &p.Handle, &at); err != nil {
		return p, err
	}
	p.Issued = time.UnixMicro(at).UTC()
	rows, err := many.QueryContext(ctx, key, most)
	if err != nil {
		return p, err
	}
	defer rows.Close()
	for rows.Next() {
		var i item
		if err := rows.Scan(&i.Who, &i.Handle, &i.Text, &at); err != nil {
			return p, err
		}
		i.At = time.UnixMicro(at).UTC()
		p.Items = append(p.Items, i)
	}
	return p, rows.Err()
}
