package people

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/text"
)

// csvPage is how many people are read at once.
const csvPage = 500

// csvTime bounds the whole download.
const csvTime = 10 * time.Minute

// table writes the people of a filter as CSV (RFC 4180), a page at a time: whoever
// reads slowly holds nothing but one.
type table struct {
	ctx    context.Context //nolint:containedctx // it outlives the handler, as the download does
	end    context.CancelFunc
	people *People
	filter Filter
	after  string
	more   bool
	buffer bytes.Buffer
}

// Table gives the people of a filter as CSV with a line of headings. Close it after use.
func (p *People) Table(ctx context.Context, f Filter) io.ReadCloser {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), csvTime)
	t := &table{ctx: ctx, end: end, people: p, filter: f, more: true}
	t.write(append([]string{"name", "handle", "address", "address_confirmed", "state", "role", "country", "language", "joined", "last_here", "badges", "ways_in"}, p.questions()...))
	return t
}

// Read implements io.Reader.
func (t *table) Read(b []byte) (int, error) {
	for t.buffer.Len() == 0 {
		if !t.more {
			return 0, io.EOF
		}
		list, after, err := t.people.List(t.ctx, t.filter, t.after, csvPage)
		if err != nil {
			return 0, err
		}
		t.after, t.more = after, after != ""
		for _, f := range list {
			answers, err := t.people.answers(t.ctx, f.ID)
			if err != nil {
				return 0, err
			}
			t.write(append(line(f), answers...))
		}
	}
	return t.buffer.Read(b)
}

// Close implements io.Closer.
func (t *table) Close() error { t.end(); return nil }

func (t *table) write(cells []string) {
	for i := range cells {
		cells[i] = text.Cell(cells[i])
	}
	w := csv.NewWriter(&t.buffer)
	w.UseCRLF = true
	_ = w.Write(cells) // a buffer takes everything
	w.Flush()
}

func line(f Found) []string {
	ways := f.Providers
	if f.Passkeys > 0 {
		ways = append([]string{wayPasskey}, ways...)
	}
	if f.Password {
		ways = append([]string{wayPassword}, ways...)
	}
	return []string{
		f.Name, f.Handle, f.Address, strconv.FormatBool(f.Confirmed), f.State, f.Role, f.Country, f.Language,
		date(f.Joined), date(f.Seen), strconv.Itoa(f.Badges), strings.Join(ways, " "),
	}
}

// questions are the keys of what the site asks people, a column each.
func (p *People) questions() []string {
	var keys []string
	for _, q := range p.Accounts.Questions("") {
		keys = append(keys, q.Key)
	}
	return keys
}

// answers are a person's to questions, "" where there is none.
func (p *People) answers(ctx context.Context, person int64) ([]string, error) {
	keys := p.questions()
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := p.Accounts.Answers(ctx, p.Base.Read(), person, "")
	cells := make([]string, len(keys))
	for _, a := range list {
		if i := slices.Index(keys, a.Key); i >= 0 {
			cells[i] = a.Value
		}
	}
	return cells, err
}

func date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}
