package page

import (
	"net/mail"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/text"
)

// Content is what a state of a page says, without ids of the database: as it is
// kept for history and handed out in an export.
type Content struct {
	Title  string   `json:"title"`
	Style  string   `json:"style"`
	Frame  string   `json:"frame,omitempty"`
	Space  string   `json:"space,omitempty"`
	Blocks []Stored `json:"blocks"`
}

// Stored is a block in a Content.
type Stored struct {
	Words

	ID     string   `json:"id"`
	Kind   Kind     `json:"kind"`
	File   string   `json:"file,omitempty"`   // public id
	Badges []string `json:"badges,omitempty"` // public ids
}

// contentOf gives the content of a page whose blocks are read.
func contentOf(p Page) Content {
	c := Content{Title: p.Title, Style: p.Style, Frame: p.Frame, Space: p.Space, Blocks: []Stored{}}
	for _, b := range p.Blocks {
		s := Stored{Words: b.Words, ID: b.ID, Kind: b.Kind, File: b.File.PublicID}
		for _, r := range b.Badges {
			s.Badges = append(s.Badges, r.PublicID)
		}
		c.Blocks = append(c.Blocks, s)
	}
	return c
}

// same reports whether two blocks say the same.
func (b Block) same(o Block) bool {
	return b.Kind == o.Kind && b.File.ID == o.File.ID && slices.Equal(b.Badges, o.Badges) &&
		reflect.DeepEqual(b.tidy(), o.tidy())
}

// tidy makes what is empty equal.
func (w Words) tidy() Words {
	if len(w.Fields) == 0 {
		w.Fields = nil
	}
	return w
}

// ProfileFields are the parts of a profile that a block can show.
func ProfileFields() []string {
	return []string{"name", "picture", "about", "place", "organisation", "links"}
}

// The forms of kinds and the orders of several badges, beside the usual one.
var (
	forms  = map[Kind][]string{Heading: {"sub"}, Badge: {"short"}, Showcase: {"list"}, Tag: {"list"}, Issuer: {"list"}, Collection: {"list"}}
	orders = []string{"name", "issued"}
)

// Frames and Spaces are what people choose from for around and in a page, beside the
// usual.
var (
	Frames = []string{"line", "thick", "double", "dashed", "dotted", "inset", "corners", "soft", "top", "side"}
	Spaces = []string{"close", "wide"}
)

// several reports whether blocks of the kind show any number of badges.
func (k Kind) several() bool { return k == Showcase || k == Tag || k == Issuer || k == Collection }

// oneOf gives s where it is one of list, else "".
func oneOf(s string, list []string) string {
	if slices.Contains(list, s) {
		return s
	}
	return ""
}

// clean holds what a person typed against the rules of the kind, and gives what is
// kept of it: what the kind does not have is dropped.
func (w Words) clean(k Kind) (Words, error) {
	out := Words{}
	var err error
	line := func(s string, most int) string {
		clean, ok := text.CleanLine(s, most)
		if !ok {
			err = fault.New(fault.Invalid, "page.error.line")
		}
		return clean
	}
	long := func(s string) string {
		clean, ok := text.CleanText(s, maxText)
		if !ok {
			err = fault.New(fault.Invalid, "page.error.text")
		}
		return clean
	}
	out.Form, out.Order = oneOf(w.Form, forms[k]), ""
	if k.several() {
		out.Order = oneOf(w.Order, orders)
	}
	switch k {
	case Text:
		out.Text = long(w.Text)
	case Link, Video:
		out.Text, out.More, out.URL = line(w.Text, maxTitle), long(w.More), cleanURL(w.URL, &err)
	case Contact:
		out.Text, out.More, out.Mail = line(w.Text, maxTitle), long(w.More), cleanMail(w.Mail, &err)
	case Profile:
		for _, f := range ProfileFields() {
			if slices.Contains(w.Fields, f) {
				out.Fields = append(out.Fields, f)
			}
		}
	case Tag:
		out.Text, out.Of = line(w.Text, maxTitle), db.Fold(line(w.Of, maxTitle))
	case Issuer, Collection:
		out.Text, out.Of = line(w.Text, maxTitle), line(w.Of, 64)
	case Badge:
		out.More = long(w.More)
	case Image, File:
		out.Text, out.More = line(w.Text, 300), long(w.More)
	default:
		out.Text = line(w.Text, maxTitle)
	}
	return out, err
}

// cleanURL gives a web address, or "" for none.
func cleanURL(s string, err *error) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	safe, ok := text.SafeURL(s)
	if !ok || len(safe) > 2000 {
		*err = fault.New(fault.Invalid, "page.error.url")
	}
	return safe
}

func cleanMail(s string, err *error) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	a, bad := mail.ParseAddress(s)
	if bad != nil || a.Name != "" || a.Address != s || len(s) > 254 || strings.ContainsAny(s, "\"<>?&%/ ") || !utf8.ValidString(s) {
		*err = fault.New(fault.Invalid, "page.error.mail")
		return ""
	}
	return s
}

// check holds a page as a whole to its limits.
func (p Page) check() error {
	size := 0
	for _, b := range p.Blocks {
		size += len(b.Text) + len(b.More) + len(b.URL)
		if len(b.Badges) > maxBadges {
			return fault.New(fault.Invalid, "page.error.badges")
		}
	}
	switch {
	case len(p.Blocks) > maxBlocks:
		return fault.New(fault.Invalid, "page.error.blocks")
	case size > maxStored:
		return fault.New(fault.Invalid, "page.error.size")
	}
	return nil
}

// cleanTitle gives the title of a page.
func cleanTitle(s string) (string, error) {
	clean, ok := text.CleanLine(s, maxTitle)
	if !ok || clean == "" {
		return "", fault.New(fault.Invalid, "page.error.title")
	}
	return clean, nil
}

// cleanTags reads tags that are separated by commas or lines, each once.
func cleanTags(s string) ([]string, error) {
	out, seen := []string{}, map[string]bool{}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' }) {
		clean, ok := text.CleanLine(strings.TrimPrefix(strings.TrimSpace(word), "#"), 40)
		if !ok {
			return nil, fault.New(fault.Invalid, "page.error.tag")
		}
		if clean == "" || seen[db.Fold(clean)] {
			continue
		}
		seen[db.Fold(clean)] = true
		out = append(out, clean)
	}
	if len(out) > maxTags {
		return nil, fault.New(fault.Invalid, "page.error.tags")
	}
	return out, nil
}

// splitWhat and joinWhat keep what a change was, and of which block, in one text.
func splitWhat(s string) (what, block string) {
	what, block, _ = strings.Cut(s, ":")
	return what, block
}

func joinWhat(what, block string) string {
	if block == "" {
		return what
	}
	return what + ":" + block
}
