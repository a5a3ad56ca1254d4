package mydata

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/web"
)

const (
	recordsShown = 50 // entries on one page
	rowsShown    = 80 // lines of one entry
	textShown    = 600
)

// DocumentPage is the page "mydata/document": one document, to be read.
type DocumentPage struct {
	Key     string
	RawURL  string
	Records []Record
	Next    string // path of the following entries, or ""
}

// Record is one entry of a document.
type Record struct {
	Rows []Row
	More int // rows that are left out
}

// Row is one line of a record. Head opens a part; Depth says how deep it lies.
type Row struct {
	Name, Text string
	Depth      int
	Head       bool
	When       time.Time // a time is shown as one
}

// Meta titles the page.
func (DocumentPage) Meta() web.Meta { return web.Meta{Title: "mydata.title", NoIndex: true} }

// document shows one document, as a page or as it is held.
func (p *Pages) document(c *web.Ctx) error {
	name := c.Query("name")
	d, err := p.data.Document(c.Context(), c.Viewer().Person, name)
	if err != nil {
		return err
	}
	if c.Query("raw") != "" {
		return c.Bytes("application/json; charset=utf-8", d.Content, web.ByteOptions{CSP: web.FilePolicy})
	}
	from, _ := strconv.Atoi(c.Query("from")) // what is no number is the start
	path := "/settings/data/document?name=" + url.QueryEscape(name)
	page := DocumentPage{Key: d.Key(), RawURL: path + "&raw=1"}
	list, err := elements(d.Content)
	if err != nil {
		return err
	}
	from = min(max(from, 0), len(list))
	to := min(from+recordsShown, len(list))
	for _, e := range list[from:to] {
		page.Records = append(page.Records, recordOf(e))
	}
	if to < len(list) {
		page.Next = path + "&from=" + strconv.Itoa(to)
	}
	return c.Render("mydata/document", page)
}

// elements gives the entries of a list, or the one document.
func elements(content []byte) ([]json.RawMessage, error) {
	if content = bytes.TrimSpace(content); len(content) == 0 || content[0] != '[' {
		return []json.RawMessage{content}, nil
	}
	var list []json.RawMessage
	return list, json.Unmarshal(content, &list)
}

// recordOf makes lines of JSON, in the order in which it is written.
func recordOf(e json.RawMessage) Record {
	w := rowWriter{in: json.NewDecoder(bytes.NewReader(e))}
	w.in.UseNumber()
	for w.value("", 0) == nil {
	}
	return w.out
}

type rowWriter struct {
	in  *json.Decoder
	out Record
}

func (w *rowWriter) add(r Row) {
	if len(w.out.Rows) >= rowsShown {
		w.out.More++
		return
	}
	w.out.Rows = append(w.out.Rows, r)
}

var errEnd = errors.New("end of a list")

// value reads one value that has a name.
func (w *rowWriter) value(name string, depth int) error {
	token, err := w.in.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		switch v {
		case '}', ']':
			return errEnd
		case '{':
			return w.object(name, depth)
		}
		return w.list(name, depth)
	case string:
		w.add(textRow(name, v, depth))
	case json.Number:
		w.add(Row{Name: name, Text: v.String(), Depth: depth})
	case bool:
		w.add(Row{Name: name, Text: strconv.FormatBool(v), Depth: depth})
	}
	return nil
}

func (w *rowWriter) object(name string, depth int) error {
	if name != "" {
		w.add(Row{Name: name, Depth: depth, Head: true})
		depth++
	}
	for w.in.More() {
		key, err := w.in.Token()
		if err != nil {
			return err
		}
		text, _ := key.(string)
		if err := w.value(text, depth); err != nil {
			return err
		}
	}
	return w.close()
}

func (w *rowWriter) list(name string, depth int) error {
	for w.in.More() {
		if err := w.value(name, depth); err != nil {
			return err
		}
	}
	return w.close()
}

func (w *rowWriter) close() error {
	_, err := w.in.Token()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func textRow(name, text string, depth int) Row {
	if at, err := time.Parse(time.RFC3339, text); err == nil && strings.HasPrefix(text, "2") {
		return Row{Name: name, When: at, Depth: depth}
	}
	if r := []rune(text); len(r) > textShown {
		text = string(r[:textShown]) + "…"
	}
	return Row{Name: name, Text: text, Depth: depth}
}
