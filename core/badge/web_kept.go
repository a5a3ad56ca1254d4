package badge

import (
	"errors"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// KeptView is a kept document as pages show it.
type KeptView struct {
	Kept

	Download string
}

// Bytes says which bytes of a badge are at hand.
type Bytes struct {
	SHA256  string    // of the credential as received
	At      time.Time // when it was
	Address string    // that a hosted badge has, "" for any other
	Other   bool      // the address answered something else, byte for byte, at the last check
	Answer  string    // where what it answered can be had, "" when it is not kept
}

// RecordView is the record (CLR) that a badge came in, for its owner alone.
type RecordView struct{ URL, Title, Issuer, Verdict string }

// RecordPage is the page "badge/record": the record that a badge came in, with
// its own verdict, which is not that of its badges.
type RecordPage struct {
	Badge       Card
	Title       string
	Issuer      string
	Verdict     string
	VerifiedAt  time.Time
	Checks      []CheckView
	Documents   []Document
	DownloadURL string
}

// Meta titles the page.
func (RecordPage) Meta() web.Meta { return web.Meta{Title: "badge.record.title", NoIndex: true} }

// record shows the owner the record that the badge came in.
func (p *Pages) record(c *web.Ctx) error {
	b, err := p.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	r, err := getRecordOf(c.Context(), p.badges.Base.Read(), b.Person, b.ID)
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.NotFound, "badge.error.no_record")
	}
	if err != nil {
		return err
	}
	return c.Render("badge/record", RecordPage{
		Badge: NewCard(b, b.Person, c.Now()), Title: r.title, Issuer: r.issuer, Verdict: string(r.verdict), VerifiedAt: r.verifiedAt,
		Checks: checkViews(r.report.Checks), Documents: DocumentViews(r.report.Documents), DownloadURL: "/b/" + b.PublicID + "/download/record",
	})
}

// addRecord names the record that the owner's badge came in.
func (p *Pages) addRecord(c *web.Ctx, page *VerifyPage, b Badge) error {
	if !page.Own {
		return nil
	}
	r, err := getRecordOf(c.Context(), p.badges.Base.Read(), b.Person, b.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	page.Record = RecordView{"/b/" + b.PublicID + "/record", r.title, r.issuer, string(r.verdict)}
	return err
}

// addKept lists the kept documents, for those who may have the badge itself, and
// says which bytes are which.
func (p *Pages) addKept(c *web.Ctx, page *VerifyPage, b Badge, raw []byte) error {
	list, err := p.badges.KeptDocuments(c.Context(), b)
	if err != nil {
		return err
	}
	at := func(sha256 string) string { return withKey("/b/"+b.PublicID+"/kept/"+sha256, c.Query("key")) }
	there := map[string]bool{}
	for _, k := range list {
		there[k.SHA256] = true
		page.Kept = append(page.Kept, KeptView{k, at(k.SHA256)})
	}
	page.Bytes = Bytes{SHA256: hashOf(raw), At: b.CreatedAt}
	last, err := p.badges.Ledger(c.Context(), b, 1)
	if err != nil || len(last) == 0 {
		return err
	}
	if d, ok := hostedAt(last[0].Report.Documents); ok {
		page.Bytes.Address, page.Bytes.Other = d.URL, d.SHA256 != page.Bytes.SHA256
		if there[d.SHA256] {
			page.Bytes.Answer = at(d.SHA256)
		}
	}
	return nil
}

// downloadKept gives a document that a verification rested on, as it was read. It
// is a stranger's: it is saved, never shown.
func (p *Pages) downloadKept(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	if b.Person != c.Viewer().Person && b.Plain {
		return errNotFound()
	}
	data, name, err := p.badges.keptDocument(c.Context(), b, c.Param("hash"))
	if err != nil {
		return err
	}
	return c.Bytes("application/octet-stream", data, web.ByteOptions{CacheControl: caching(b), ETag: hashOf(data), Download: name, CSP: web.FilePolicy})
}
