package badge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/osier-passport/osier/core/text"
)

// listMost is the size of the largest list of known issuers, in bytes.
const listMost = 16 << 20

// Lists are the lists of known issuers that the administrator loads. A listing is
// a fact that is shown; it changes no verdict.
type Lists []*List

// List is one list of known issuers, in the format of docs/operate.md.
type List struct {
	Name, URL string
	Size      int // issuers on it

	ids     map[string]entry // identifiers and DIDs, by normalID
	domains map[string]entry // "school.example", or "*.school.example" for what is below
}

// entry is an issuer on a list.
type entry struct{ Name, Note string }

// Listing says that an issuer is on a list.
type Listing struct{ List, URL, Name, Note string }

// LoadLists reads the files of lists; relative ones are in the folder dir. The
// error names the file and what is wrong with it.
func LoadLists(dir string, files []string) (Lists, error) {
	var lists Lists
	for _, name := range files {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read a list of issuers: %w", err)
		}
		l, err := ReadList(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read the list of issuers %s: %w", name, err)
		}
		lists = append(lists, l)
	}
	return lists, nil
}

// ReadList reads one list. A key that is not known is an error, so that a
// misspelt one is no issuer that silently counts for nothing.
func ReadList(r io.Reader) (*List, error) {
	body, err := io.ReadAll(io.LimitReader(r, listMost+1))
	if err != nil {
		return nil, err
	}
	if len(body) > listMost {
		return nil, fmt.Errorf("larger than %d bytes", listMost)
	}
	var file struct {
		Name    string `json:"name"`
		URL     string `json:"url"`
		Issuers []struct {
			ID     string `json:"id"`
			Domain string `json:"domain"`
			DID    string `json:"did"`
			Name   string `json:"name"`
			Note   string `json:"note"`
		} `json:"issuers"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("more than one JSON object")
	}
	l := &List{URL: safeURL(file.URL), Size: len(file.Issuers), ids: map[string]entry{}, domains: map[string]entry{}}
	if l.Name = clean(file.Name, 100); l.Name == "" {
		return nil, errors.New(`"name" is missing`)
	}
	for i, e := range file.Issuers {
		if err := l.add(e.ID, e.Domain, e.DID, entry{clean(e.Name, 200), clean(e.Note, 300)}); err != nil {
			return nil, fmt.Errorf("issuer %d: %w", i+1, err)
		}
	}
	return l, nil
}

// add takes an issuer that is named in one of three ways.
func (l *List) add(id, domain, did string, e entry) error {
	switch {
	case id != "" && domain == "" && did == "":
		if !isAddress(id) && !strings.HasPrefix(id, "did:") {
			return fmt.Errorf(`"id" %q is no web address and no DID`, id)
		}
		l.ids[normalID(id)] = e
	case did != "" && id == "" && domain == "":
		if !strings.HasPrefix(did, "did:") {
			return fmt.Errorf(`"did" %q does not begin with did:`, did)
		}
		l.ids[normalID(did)] = e
	case domain != "" && id == "" && did == "":
		name := strings.ToLower(domain)
		if strings.ContainsAny(name, "/:@ ") || !strings.Contains(name, ".") {
			return fmt.Errorf(`"domain" %q is no domain such as "school.example" or "*.school.example"`, domain)
		}
		l.domains[bare(name)] = e
	default:
		return errors.New(`exactly one of "id", "domain" and "did" is needed`)
	}
	return nil
}

// Of gives the lists that an issuer is on, by the identifier in its badges.
func (ls Lists) Of(issuer string) []Listing {
	var out []Listing
	for _, l := range ls {
		if e, ok := l.find(issuer); ok {
			out = append(out, Listing{List: l.Name, URL: l.URL, Name: e.Name, Note: e.Note})
		}
	}
	return out
}

func (l *List) find(issuer string) (entry, bool) {
	if e, ok := l.ids[normalID(issuer)]; ok {
		return e, true
	}
	host := bare(hostnameOf(issuer))
	if host == "" {
		return entry{}, false
	}
	if e, ok := l.domains[host]; ok {
		return e, true
	}
	for rest := host; ; {
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			return entry{}, false
		}
		if e, ok := l.domains["*."+after]; ok {
			return e, true
		}
		rest = after
	}
}

// Size gives how many issuers are on all lists.
func (ls Lists) Size() int {
	n := 0
	for _, l := range ls {
		n += l.Size
	}
	return n
}

// normalID makes addresses equal that differ in the case of the host or a slash
// at the end alone (RFC 3986 §6.2.2.1, §6.2.3). DIDs are compared as they are.
func normalID(id string) string {
	u, err := url.Parse(id)
	if err != nil || u.Host == "" {
		return id
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return strings.TrimSuffix(u.String(), "/")
}

// hostnameOf gives the host that an identifier names: of a web address or a
// did:web (W3C did:web §2.5.2), "" for others.
func hostnameOf(id string) string {
	if rest, ok := strings.CutPrefix(id, "did:web:"); ok {
		host, _, _ := strings.Cut(rest, ":")
		host, _, _ = strings.Cut(host, "%3A")
		return strings.ToLower(host)
	}
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// bare drops "www.", which makes no difference.
func bare(host string) string { return strings.TrimPrefix(host, "www.") }

func clean(s string, most int) string {
	return clip(strings.Join(strings.Fields(text.Lines(s, most)), " "), most)
}
