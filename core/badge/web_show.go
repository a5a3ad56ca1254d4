package badge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// ShowPage is the page "badge/show".
type ShowPage struct {
	ID, URL                         string
	Own, Fresh, Unclaimed           bool
	Name, Description               string
	Image                           string
	Language                        string
	Earner                          Person
	Issuer                          IssuerView
	Class                           ClassOf
	IssuedAt, ExpiresAt, VerifiedAt time.Time
	Recipient                       string // result of the recipient check
	Verdict                         string
	Checks                          []CheckView
	Version, Form, Carrier          string
	CriteriaText, CriteriaURL       string
	Evidence                        []EvidenceView
	Alignments                      []AlignmentView
	Tags                            []string
	Visibility                      string
	Naming                          string // for its holder: 0, text, 1
	PublicURL, QR                   string // how others see it, and that address as a QR code; "" while it is private
	ReceivedURL, ReceivedName       string
	Downloads                       []Download
	ProveURL                        string // where anybody can have it verified, "" where they may not
	ShareURL                        string
	Others                          []Card
	ValidAt, UnreachableSince       time.Time    // of a badge that was valid and cannot be checked now
	Archived                        CriteriaCopy // where the issuer's own page is gone
	Talk                            Remarks
	Shelf                           ShelfView // for its holder
	Uses                            []Use     // for its holder: what leads to it while it is shown
	Endorsed                        Endorsements
	Detail                          Detailed
	Cheers                          Cheers
	ReportURL                       string     // where the viewer tells administrators, "" for the holder
	Anonymised                      Anonymised // absent when its time is zero
	LastValid                       time.Time  // of an anonymised badge
	meta                            web.Meta
}

// Anonymised says when the identity was taken out of a badge, and the keyed hash
// of the credential that it had.
type Anonymised struct {
	At   time.Time
	Mark string
}

// ClassOf is the class of a shown badge, with its follow button.
type ClassOf struct {
	ClassView

	Follow Follow
}

// Meta gives what search engines and link previews read.
func (p ShowPage) Meta() web.Meta { return p.meta }

func (p *Pages) show(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	if b.PublicID != c.Param("id") { // the badge was joined with another
		key := ""
		if c.Query("key") != "" {
			key = b.Secret
		}
		return c.Redirect(withKey("/b/"+b.PublicID, key))
	}
	page, err := p.showPage(c, b)
	if err != nil {
		return err
	}
	p.noteHit(c, b)
	if page.Own {
		if err := p.badges.see(c.Context(), b); err != nil {
			return err
		}
	}
	return c.Render("badge/show", page)
}

// get gives the badge of the request's id, if the viewer may see it.
func (p *Pages) get(c *web.Ctx) (Badge, error) {
	return p.badges.Get(c.Context(), c.Viewer().Person, c.Param("id"), c.Query("key"))
}

// getWhole is get for what hands the credential out: to the holder, and to others
// where it does not name the earner's address.
func (p *Pages) getWhole(c *web.Ctx) (Badge, error) {
	b, err := p.get(c)
	switch {
	case err != nil:
		return Badge{}, err
	case b.Person != c.Viewer().Person && b.Plain:
		return Badge{}, errNotFound()
	}
	return b, b.whole()
}

func (p *Pages) showPage(c *web.Ctx, b Badge) (ShowPage, error) {
	own := b.Person == c.Viewer().Person
	key := c.Query("key")
	var err error
	page := ShowPage{
		ID: b.PublicID, URL: "/b/" + b.PublicID, Own: own, Fresh: own && c.Query("new") != "",
		Name: b.Class.Name, Description: b.Class.Description, Language: b.Class.Language,
		Issuer: b.Class.Issuer.View(), Class: ClassOf{ClassView: b.Class.View()},
		IssuedAt: b.IssuedAt, ExpiresAt: b.ExpiresAt, VerifiedAt: b.VerifiedAt, Verdict: string(b.VerdictAt(c.Now())),
		Version: string(b.Version), Form: string(b.Form), Carrier: b.Carrier,
		CriteriaText: b.Class.Criteria, CriteriaURL: safeURL(b.Class.CriteriaURL),
		Evidence: b.evidenceViews(), Alignments: b.Class.AlignmentViews(), Tags: b.Class.Tags,
	}
	if b.ShowName || own && !b.Unclaimed { // nobody can tell whose it is
		page.Earner = b.EarnerView()
	}
	if b.Thumbnail != "" {
		page.Image = withKey(page.URL+"/image", key)
	}
	page.ValidAt, page.UnreachableSince = b.lapsed()
	if page.Archived, err = p.archived(c, b); err != nil {
		return page, err
	}
	p.addOwn(c, &page, b, own)
	if own {
		if page.Shelf, err = p.badges.shelfView(c.Context(), b); err != nil {
			return page, err
		}
		if b.Visibility != Private {
			if page.Uses, err = p.badges.UsesOf(c.Context(), b.Person, []string{b.PublicID}, c.Lang()); err != nil {
				return page, err
			}
		}
	}
	if err := p.addDownloads(c, &page, b); err != nil {
		return ShowPage{}, err
	}
	if page.Anonymised, err = p.badges.anonymised(c.Context(), b); err != nil {
		return page, err
	}
	if !page.Anonymised.At.IsZero() {
		page.LastValid = b.ValidAt
	}
	page.meta = showMeta(c, b, page)
	if page.meta.Image != "" {
		page.meta.Image = withKey(p.badges.CardPathOf(b), c.Query("key"))
	}
	return page, p.addRelated(c, &page, b)
}

// lapsed gives when a badge that is not valid any more was so last, and since when its issuer
// cannot be reached, where that is why; zero times otherwise.
func (b Badge) lapsed() (valid, since time.Time) {
	switch {
	case b.Verdict == verify.Invalid || b.Verdict == verify.Revoked || b.Verdict == verify.Suspended:
		return b.ValidAt, time.Time{}
	case b.Verdict == verify.Unverifiable && !b.ValidAt.IsZero() && !b.UnreachableSince.IsZero():
		return b.ValidAt, b.UnreachableSince
	}
	return time.Time{}, time.Time{}
}

// archived gives the copy of the criteria where the issuer's own page is gone.
func (p *Pages) archived(c *web.Ctx, b Badge) (CriteriaCopy, error) {
	if safeURL(b.Class.CriteriaURL) == "" {
		return CriteriaCopy{}, nil
	}
	kept, err := p.badges.Criteria(c.Context(), b.Class.ID)
	if err != nil || kept.Gone.IsZero() && b.UnreachableSince.IsZero() {
		return CriteriaCopy{}, err
	}
	return kept, nil
}

// seenAt is the path by which others see a badge as this viewer does: with its secret,
// or with the one that the viewer came by.
func seenAt(c *web.Ctx, b Badge) string {
	key := b.Secret
	if b.Visibility == Link && key == "" {
		key = c.Query("key")
	}
	return withKey("/b/"+b.PublicID, key)
}

func (p *Pages) addOwn(c *web.Ctx, page *ShowPage, b Badge, own bool) {
	if b.Visibility != Private {
		page.PublicURL, page.QR = c.URL(seenAt(c, b)), withKey(page.URL+"/qr.svg", c.Query("key"))
	}
	if !own {
		if !c.Viewer().IsPreview() {
			page.ReportURL = withKey(page.URL+"/report", c.Query("key"))
		}
		return
	}
	page.Visibility, page.Naming, page.Unclaimed = string(b.Visibility), string(b.Naming()), b.Unclaimed
	if !b.Unclaimed {
		page.ShareURL = page.URL + "/share"
	}
}

func (p *Pages) addRelated(c *web.Ctx, page *ShowPage, b Badge) error {
	ctx, viewer := c.Context(), c.Viewer().Person
	ledger, err := p.badges.Ledger(ctx, b, 1)
	if err != nil {
		return err
	}
	if len(ledger) > 0 {
		page.Checks = checkViews(visibleSteps(ledger[0].Report.Checks, page.Own))
		page.Recipient = recipientResult(ledger[0].Report.Checks)
	}
	if page.Class.Follow, err = p.class(c, b.Class); err != nil {
		return err
	}
	if page.Endorsed, err = p.beside.Endorsed(c, b); err != nil {
		return err
	}
	if len(ledger) > 0 {
		page.Endorsed.Issued = issuedEndorsements(ledger[0].Report.Checks)
	}
	if page.Detail, err = p.beside.Details(c, b); err != nil {
		return err
	}
	if page.Cheers, err = p.beside.Cheer(c, b); err != nil {
		return err
	}
	if page.Talk, err = p.talk(c, b); err != nil || page.Own || b.Naming() != NameLinked {
		return err
	}
	others, err := p.badges.Shown(ctx, viewer, b.Person, Range{Limit: 5})
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != b.ID && len(page.Others) < 4 {
			page.Others = append(page.Others, NewCard(o, viewer, c.Now()))
		}
	}
	return nil
}

// recipientResult tells whether the badge was proven to be its holder's own.
func recipientResult(steps []verify.Step) string {
	for _, s := range steps {
		if s.Name == verify.CheckRecipient {
			return string(s.Result)
		}
	}
	return string(verify.Skipped)
}

// visibleSteps keeps the address out of what strangers read.
func visibleSteps(steps []verify.Step, own bool) []verify.Step {
	if own {
		return steps
	}
	out := make([]verify.Step, 0, len(steps))
	for _, s := range steps {
		if s.Name == verify.CheckRecipient {
			s.Detail, s.Warning = "", ""
			if s.Result == verify.Skipped {
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// showMeta is the head of a badge's page. Only public badges are described to
// search engines; the link of any visible badge has a preview.
func showMeta(c *web.Ctx, b Badge, page ShowPage) web.Meta {
	title := b.Class.Name + " · " + b.Class.Issuer.Name
	if page.Earner.Name != "" {
		title = b.Class.Name + " · " + page.Earner.Name
	}
	m := web.Meta{
		Title: title, Description: text.Plain(b.Class.Description, 155), Canonical: page.URL, Type: "website",
		NoIndex: b.Visibility != Public,
	}
	if b.Visibility == Private {
		return m
	}
	m.Image = page.URL + "/card.png"
	if m.Description == "" { // link previews want one
		m.Description = c.T("badge.card.alt", "name", b.Class.Name, "issuer", b.Class.Issuer.Name)
	}
	m.ImageAlt = c.T("badge.card.alt", "name", b.Class.Name, "issuer", b.Class.Issuer.Name)
	if b.Visibility != Public {
		return m
	}
	if page.ReceivedURL != "" && strings.HasSuffix(page.ReceivedName, ".json") {
		m.Links = append(m.Links, web.Link{Rel: "alternate", Type: "application/ld+json", Href: page.ReceivedURL})
	}
	m.OEmbed = c.URL("/oembed?" + url.Values{"url": {c.URL(page.URL)}}.Encode())
	m.JSONLD = credentialLD(c, b, page)
	return m
}

// credentialLD describes the badge in the words of schema.org.
func credentialLD(c *web.Ctx, b Badge, page ShowPage) map[string]any {
	ld := map[string]any{
		"@context": "https://schema.org", "@type": "EducationalOccupationalCredential", "credentialCategory": "badge",
		"name": b.Class.Name, "description": text.Plain(b.Class.Description, 500), "url": c.URL(page.URL),
		"recognizedBy": map[string]any{"@type": "Organization", "name": b.Class.Issuer.Name, "url": safeURL(b.Class.Issuer.URL)},
	}
	if page.Image != "" {
		ld["image"] = c.URL(page.Image)
	}
	if !b.IssuedAt.IsZero() {
		ld["dateCreated"] = b.IssuedAt.Format(time.DateOnly)
	}
	if !b.ExpiresAt.IsZero() {
		ld["expires"] = b.ExpiresAt.Format(time.DateOnly)
	}
	return ld
}

// VerifyPage is the page "badge/verify": the proof in detail.
type VerifyPage struct {
	Badge                                              Card
	BadgeURL                                           string
	Own                                                bool
	Recipient                                          string // result of the recipient check
	Verdict                                            string
	VerifiedAt                                         time.Time
	Checks                                             []CheckView
	Documents                                          []Document
	History                                            []Period
	ShownAt                                            time.Time // of an earlier check that is looked at, zero for the last
	Version, Form, Carrier, WireID, IssuerID, IssuedTo string
	Raw                                                string
	ReceivedURL                                        string
	ValidAt, UnreachableSince                          time.Time // of a badge that was valid and cannot be checked now
	Facts                                              []Fact
	Keys                                               []KeyView
	ProveURL                                           string // where anybody can have it verified
	Kept                                               []KeptView
	Bytes                                              Bytes      // with Raw
	Record                                             RecordView // absent when its URL is ""
	Anonymised                                         Anonymised // absent when its time is zero
}

// Document is one that a verification rests on.
type Document struct {
	URL, SHA256, Role string
	At                time.Time
}

// KeyView is a key whose signature counted.
type KeyView struct{ ID, Thumbprint string }

// Meta titles the page.
func (p VerifyPage) Meta() web.Meta {
	return web.Meta{Title: "badge.verify.title", NoIndex: true, Canonical: p.BadgeURL}
}

func (p *Pages) verification(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	own := b.Person == c.Viewer().Person
	key := c.Query("key")
	page := VerifyPage{
		Badge: NewCard(b, c.Viewer().Person, c.Now()), BadgeURL: withKey("/b/"+b.PublicID, key), Own: own,
		Verdict: string(b.VerdictAt(c.Now())), VerifiedAt: b.VerifiedAt, Version: string(b.Version), Form: string(b.Form),
		Carrier: b.Carrier, WireID: b.WireID, IssuerID: b.Class.Issuer.WireID,
	}
	page.ValidAt, page.UnreachableSince = b.lapsed()
	if page.Anonymised, err = p.badges.anonymised(c.Context(), b); err != nil {
		return err
	}
	whole := b.isWhole()
	if whole {
		page.ProveURL = proveURL(b, own)
	}
	if own {
		page.IssuedTo = b.IssuedTo
	}
	if whole && (own || !b.Plain) {
		page.ReceivedURL = withKey("/b/"+b.PublicID+"/download/received", key)
		raw, err := getCredential(c.Context(), p.badges.Base.Read(), b.ID)
		if err != nil {
			return err
		}
		page.Raw = pretty(raw)
		if err := p.addKept(c, &page, b, raw); err != nil {
			return err
		}
	}
	if err := p.addRecord(c, &page, b); err != nil {
		return err
	}
	if err := p.addLedger(c, &page, b); err != nil {
		return err
	}
	return c.Render("badge/verify", page)
}

// addLedger adds the last verification, the earlier ones and the facts.
func (p *Pages) addLedger(c *web.Ctx, page *VerifyPage, b Badge) error {
	ledger, err := p.badges.Ledger(c.Context(), b, 20)
	if err != nil {
		return err
	}
	if len(ledger) > 0 {
		addReport(page, ledger[0])
	}
	if err := p.addHistory(c, page, b); err != nil || !page.ShownAt.IsZero() {
		return err
	}
	raw, err := getCredential(c.Context(), p.badges.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	mail := ""
	if credential, err := openbadge.Parse(raw); err == nil {
		mail = credential.Issuer.Email
	}
	page.Facts, err = p.badges.BadgeFacts(c.Context(), b, ledger, mail)
	return err
}

// pretty shows a credential: its JSON, or the payload of a JWS (RFC 7515 §7.1).
func pretty(raw []byte) string {
	body := raw
	if parts := bytes.Split(bytes.TrimSpace(raw), []byte(".")); len(parts) == 3 {
		if decoded, err := base64.RawURLEncoding.DecodeString(string(parts[1])); err == nil {
			body = decoded
		}
	}
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		return clip(string(raw), 100_000)
	}
	return clip(out.String(), 100_000)
}
