package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// Document is what an address answered.
type Document struct {
	URL, FinalURL string // FinalURL after redirects, may be empty
	Status        int    // HTTP status; 0 counts as 200
	ContentType   string
	Body          []byte
}

// Fetcher gets documents. An answer with an HTTP error status is a Document, not an error.
type Fetcher interface {
	Fetch(ctx context.Context, url string) (Document, error)
}

// ErrUnavailable is wrapped by a Fetcher when an address gave no answer.
var ErrUnavailable = errors.New("document unavailable")

// ErrForbidden is wrapped by a Fetcher when it refuses an address or scheme.
var ErrForbidden = errors.New("address not allowed")

const (
	statusGone   = 410
	maxDocuments = 60 // per verification: a CLR with many endorsed badges stays below
)

type answer struct {
	doc Document
	f   finding
}

// documents fetches each address once and keeps what the report rests on.
type documents struct {
	fetcher Fetcher
	at      time.Time
	seen    map[string]answer // nil before the first one
	used    []UsedDocument
	touched []touch // read, and not yet given to a check
	work    *work
}

// touch is one use of a document.
type touch struct{ address, role string }

func (d *documents) keep(address string, a answer) {
	if d.seen == nil {
		d.seen = make(map[string]answer)
	}
	d.seen[address] = a
}

// fetch gets a document. The finding is unknown when it could not be had; a Document with
// status 410 is given as well, since that is an answer for hosted badges.
func (d *documents) fetch(ctx context.Context, role, address string) (Document, finding) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return Document{}, unknown("bad-address", address)
	}
	u.Fragment, u.RawFragment = "", ""
	key := u.String()
	if a, ok := d.seen[key]; ok {
		d.touch(key, role, a)
		return a.doc, a.f
	}
	if len(d.seen) >= maxDocuments {
		return Document{}, unknown("too-many-documents", address)
	}
	if ctx.Err() != nil {
		return Document{}, unknown("timeout", address)
	}
	a := d.get(ctx, role, key)
	d.keep(key, a)
	d.touch(key, role, a)
	return a.doc, a.f
}

// admit takes a document that was fetched before this Check as what an address answers.
func (d *documents) admit(role, address string, doc Document) {
	if _, ok := d.seen[address]; ok || len(d.seen) >= maxDocuments {
		return
	}
	d.keep(address, d.noted(role, address, doc))
}

func (d *documents) get(ctx context.Context, role, address string) answer {
	if d.fetcher == nil {
		return answer{f: unknown("offline", address)}
	}
	doc, err := d.fetcher.Fetch(ctx, address)
	switch {
	case errors.Is(err, ErrForbidden):
		return answer{f: unknown("forbidden-address", address)}
	case err != nil:
		return answer{f: unknown("unavailable", address)}
	}
	return d.noted(role, address, doc)
}

// noted counts a document and writes it down as one that the report rests on.
func (d *documents) noted(role, address string, doc Document) answer {
	if doc.FinalURL == "" {
		doc.FinalURL = address
	}
	if d.work.read -= len(doc.Body); d.work.read < 0 {
		return answer{f: unknown("documents-size", address)}
	}
	sum := sha256.Sum256(doc.Body)
	d.used = append(d.used, UsedDocument{
		URL: address, SHA256: hex.EncodeToString(sum[:]), At: d.at, Role: role, Body: doc.Body,
	})
	if role == RoleImage {
		d.used[len(d.used)-1].Body = nil
	}
	if doc.Status >= 400 {
		return answer{doc, unknown("http-status", strconv.Itoa(doc.Status)+" "+address)}
	}
	return answer{doc, pass()}
}

// touch notes that a check under way reads a document; one that gave no answer was not read.
func (d *documents) touch(address, role string, a answer) {
	if a.doc.URL == "" && a.doc.FinalURL == "" || slices.Contains(d.touched, touch{address, role}) {
		return
	}
	d.touched = append(d.touched, touch{address, role})
}

// take returns what a check has read: documents of the roles that belong to it, those whose
// own check was made before, and everything when the check ends the matter.
func (d *documents) take(check string, all bool, done []Step) []string {
	if len(d.touched) == 0 {
		return nil
	}
	var out []string
	later := d.touched[:0]
	for _, t := range d.touched {
		home := checkOf(t.role)
		made := slices.ContainsFunc(done, func(s Step) bool { return s.Name == home })
		if !all && home != check && !made {
			later = append(later, t)
		} else if !slices.Contains(out, t.address) {
			out = append(out, t.address)
		}
	}
	d.touched = later
	return out
}

// checkOf is the check that documents of a role are read for.
func checkOf(role string) string {
	switch role {
	case RoleAssertion:
		return CheckProof
	case RoleClass:
		return CheckFormat
	case RoleIssuer, RoleKey:
		return CheckKey
	case RoleStatus:
		return CheckRevoked
	}
	return role
}

// fetch gets a document for a purpose; see documents.fetch.
func (r *run) fetch(ctx context.Context, role, address string) (Document, finding) {
	if r.role != "" {
		role = r.role
	}
	return r.docs.fetch(ctx, role, address)
}

// object gets a document that is one JSON object.
func (r *run) object(ctx context.Context, role, address string) (map[string]any, Document, finding) {
	v, doc, f := r.read(ctx, role, address)
	return v.Map(), doc, f
}

// read is object without making Go maps.
func (r *run) read(ctx context.Context, role, address string) (strictjson.Value, Document, finding) {
	doc, f := r.fetch(ctx, role, address)
	if !f.ok() {
		return strictjson.Value{}, doc, f
	}
	v, err := strictjson.Read(doc.Body, strictjson.Limits{})
	if err != nil || !v.IsObject() {
		return strictjson.Value{}, doc, fail("document-unreadable", address)
	}
	return v, doc, pass()
}

// speaker is the address that speaks in a document: the one that was asked, unless that one
// sent on to another host. Otherwise an open redirect on an issuer's site would let anybody
// speak for the issuer.
func (d Document) speaker(asked string) string {
	if d.FinalURL == "" || sameHost(asked, d.FinalURL) {
		return asked
	}
	return d.FinalURL
}

// sameHost compares the hosts of two addresses; "www." makes no difference.
func sameHost(a, b string) bool {
	_, ha := origin(a)
	_, hb := origin(b)
	return ha != "" && strings.TrimPrefix(ha, "www.") == strings.TrimPrefix(hb, "www.")
}

// printable keeps a detail short and free of control characters.
func printable(s string) string {
	const limit = 200
	if s == "" {
		return ""
	}
	out := strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(out); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return out
}
