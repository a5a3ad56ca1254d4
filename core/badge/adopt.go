package badge

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/fetch"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

const (
	verifyTimeout = 25 * time.Second // less than a request has, so that its outcome is written down
	thumbnailSize = 512              // pixels a side
)

// received is a checked credential with what belongs to it.
type received struct {
	data   []byte // as it came in
	found  bake.Found
	report verify.Report
	art    picture // our own of it, empty when there is none
	frame  framed
	draft  draft
	whole  bool // the file is a blob already, as it is while a worker is awaited
}

// inline reports whether the file is kept as its credential, in its frame if it has one.
func (r received) inline() bool { return r.frame.hash != "" || isInline(r.found, r.data) }

// draft is what is written of a credential, made before its transaction: there is
// one writer, and all others wait for it.
type draft struct {
	names    equalities
	evidence string

	credential packable
	report     []byte // packed

	checks string // with the import, where that keeps them

	class     classContent
	classHash string
}

// draftOf makes the texts of a checked credential whose art has been drawn. The import of
// a badge that came alone keeps its checks too.
func (s *Badges) draftOf(r received, alone bool) (d draft, err error) {
	c := r.report.Credential
	d.names, d.credential = s.equalitiesOf(samenessOf(c)), packableOf(r.found.Payload)
	d.class = contentOf(c, r.art.Hash, searchText(c))
	if d.classHash, err = d.class.hash(); err != nil {
		return d, err
	}
	if d.report, err = packReport(storedReport(r.report), r.report.At); err != nil {
		return d, err
	}
	if alone {
		if d.checks, err = marshalChecks(r.report.Checks); err != nil {
			return d, err
		}
	}
	d.evidence, err = evidenceText(c, r.found.Payload)
	return d, err
}

// adopt keeps a checked badge: issuer, class, badge, ledger and the end of the
// import in one transaction.
func (s *Badges) adopt(ctx context.Context, tx *db.Tx, m *memo, im Import, r received) error {
	if err := s.decide(ctx, tx, &im, r); err != nil {
		return err
	}
	first, err := s.end(ctx, tx, im)
	if err != nil || !first || im.State != StateDone {
		return err
	}
	return s.makeBadge(ctx, tx, m, im, r)
}

// decide says whether a checked badge is a new one or held already. A badge that its
// holder removed a moment ago comes back.
func (s *Badges) decide(ctx context.Context, tx *db.Tx, im *Import, r received) error {
	held, err := findHeld(ctx, tx, im.Person, r.draft.names)
	if err != nil {
		return err
	}
	im.State, im.Badge, im.text = StateDone, secret.ID(), r.draft.checks
	switch {
	case held != "":
		im.State, im.Badge = StateDuplicate, held
		return s.restoreHidden(ctx, tx, im.Person, held)
	case im.Batch != "":
		im.Checks, im.text = []verify.Step{}, "[]" // the ledger has them: of a batch only what went wrong is shown
	}
	return nil
}

// makeBadge writes the badge of an import that has ended, with all that follows from it.
func (s *Badges) makeBadge(ctx context.Context, tx *db.Tx, m *memo, im Import, r received) error {
	b, err := s.insert(ctx, tx, m, im, r)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, tx, m, b, kept{r.report, r.draft.report}); err != nil {
		return err
	}
	if err := arrange(ctx, tx, b, im.wish); err != nil {
		return err
	}
	if im.Unclaimed { // it is nobody's yet; its address may have been confirmed meanwhile
		return s.Queue.Add(ctx, tx, jobClaim, claimPayload{b.Person}, jobs.Options{Person: b.Person})
	}
	if err := event.Publish(ctx, tx, s.Bus, Received{Badge: b.ID, Class: b.Class.ID, Person: b.Person}); err != nil {
		return err
	}
	if err := s.arrived(ctx, tx, b, im.Waited); err != nil {
		return err
	}
	v, err := m.wanted(ctx, tx, im)
	if err != nil || v == Private {
		return err
	}
	return s.showSince(ctx, tx, b, v, im.wish.since(tx.Now()))
}

func (s *Badges) insert(ctx context.Context, tx *db.Tx, m *memo, im Import, r received) (Badge, error) {
	c := r.report.Credential
	thumbnail := r.art.Hash
	if thumbnail != "" && !m.blobs[thumbnail] {
		if err := s.Blobs.PutShared(ctx, tx, thumbnail, r.art.PNG, "image/png"); err != nil {
			return Badge{}, fmt.Errorf("keep art: %w", err)
		}
		m.blobs[thumbnail] = true
	}
	issuer, err := m.issuer(ctx, tx, named(c.Issuer), r.report.Verdict == verify.Valid)
	if err != nil {
		return Badge{}, err
	}
	class, err := m.class(ctx, tx, issuer, r.draft.classHash, r.draft.class)
	if err != nil {
		return Badge{}, err
	}
	b := Badge{
		ID: tx.NewID(), PublicID: im.Badge, Person: im.Person, Class: Class{ID: class},
		WireID: c.ID, Version: c.Version, Form: c.Form, Carrier: string(r.found.Carrier),
		Received: im.Received, Inline: r.inline(), Filename: im.Filename, Thumbnail: thumbnail,
		IssuedTo: c.Recipient.Masked(), Plain: isPlain(c.Recipient),
		IssuedAt: c.IssuedOn, ExpiresAt: c.Expires,
		Visibility: Private, ShowName: im.wish == nil || im.wish.ShowName, LinkName: im.wish == nil || !im.wish.NameOnly, Verdict: r.report.Verdict, VerifiedAt: r.report.At, CreatedAt: tx.Now(),
	}
	switch b.Class.Issuer.ID = issuer; b.Verdict {
	case verify.Valid:
		b.ValidAt = b.VerifiedAt
	case verify.Unverifiable:
		b.UnreachableSince = b.VerifiedAt
	}
	part, err := m.part(ctx, tx, r.draft.credential)
	if err != nil {
		return Badge{}, err
	}
	if b.Frame, err = m.frame(ctx, tx, r.frame); err != nil {
		return Badge{}, err
	}
	n := newBadge{credential: r.draft.credential.own, part: part, equality: r.draft.names.short(), evidence: r.draft.evidence, record: im.Record, unclaimed: im.Unclaimed, unseen: im.wish == nil, next: nextCheck(b.ID, r.report, time.Time{})}
	if err := insertBadge(ctx, tx, b, n); err != nil {
		return Badge{}, err
	}
	if b.Inline && r.whole { // its bytes are with it now
		if err := s.Blobs.Drop(ctx, tx, b.Received); err != nil {
			return Badge{}, err
		}
	}
	if m.criteria[class] {
		return b, nil
	}
	m.criteria[class] = true
	return b, s.wantCriteria(ctx, tx, class, c.CriteriaID)
}

func named(i openbadge.Issuer) openbadge.Issuer {
	if i.Name == "" {
		i.Name = domainOf(i.ID)
	}
	i.Name, i.Description = clip(i.Name, 200), clip(i.Description, 5000)
	return i
}

// domainOf is the host of an address, or the address itself (a DID).
func domainOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Hostname()
	}
	if rest, ok := strings.CutPrefix(address, "did:web:"); ok {
		host, _, _ := strings.Cut(rest, ":")
		return host
	}
	return clip(address, 40)
}

func contentOf(c *openbadge.Credential, thumbnail, search string) classContent {
	return classContent{
		Issuer: c.Issuer.ID, WireID: c.AchievementID, Name: clip(c.Name, 300), Description: clip(c.Description, 20_000),
		CriteriaURL: c.CriteriaID, Criteria: clip(c.CriteriaText, 20_000), Language: c.Language, Thumbnail: thumbnail,
		Tags: append([]string{}, c.Tags...), Alignments: append([]openbadge.Alignment{}, c.Alignments...),
		Search: search,
	}
}

// isPlain reports whether the credential names an address in plain text: such a
// credential is not handed to strangers.
func isPlain(r openbadge.Recipient) bool {
	return slices.ContainsFunc(r.Identities, func(i openbadge.Identity) bool { return !i.Hashed && strings.Contains(i.Value, "@") }) ||
		strings.HasPrefix(r.SubjectID, "mailto:") || r.Name != ""
}

func searchText(c *openbadge.Credential) string {
	return clip(db.Fold(strings.Join(append([]string{c.Name, c.Issuer.Name, c.Description}, c.Tags...), " ")), 4000)
}

// artOf draws the art of a badge anew: of the file it came in, or of the image
// that the credential names. A badge without art that can be had is kept all the same.
func (s *Badges) artOf(ctx context.Context, r received, c *openbadge.Credential) picture {
	source := r.data
	if r.found.Carrier != bake.CarrierPNG && r.found.Carrier != bake.CarrierSVG {
		source = s.imageOf(ctx, c.Image)
	}
	if len(source) == 0 {
		return picture{}
	}
	thumbnail, err := s.thumbnail(ctx, source, r.frame)
	if err != nil {
		s.Log.Info("badge art not readable", "error", err)
		return picture{}
	}
	return thumbnail
}

// imageOf gives the bytes of a data: URI or of an address.
func (s *Badges) imageOf(ctx context.Context, image string) []byte {
	if rest, ok := strings.CutPrefix(image, "data:"); ok {
		head, body, _ := strings.Cut(rest, ",")
		if !strings.HasSuffix(head, ";base64") {
			plain, err := url.PathUnescape(body)
			if err != nil {
				return nil
			}
			return []byte(plain)
		}
		b, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil
		}
		return b
	}
	if !isAddress(image) {
		return nil
	}
	r, err := s.Fetch.Get(ctx, image, "image/png, image/svg+xml, image/*;q=0.8")
	if err != nil || r.Status >= 400 {
		return nil
	}
	return r.Body
}

// Fetcher lets core/openbadge/verify use the one outgoing client.
func Fetcher(c *fetch.Client) verify.Fetcher { return fetcher{client: c} }

type fetcher struct {
	client *fetch.Client
	own    Own
}

// fetcher gives what verifications read the web with.
func (s *Badges) fetcher() fetcher { return fetcher{s.Fetch, s.Own} }

// Fetch implements verify.Fetcher.
func (f fetcher) Fetch(ctx context.Context, address string) (verify.Document, error) {
	if f.own != nil {
		if d, ok := f.own(ctx, address); ok {
			return d, nil
		}
	}
	r, err := f.client.Get(ctx, address, "application/vc+ld+json, application/ld+json, application/did+json, application/json, */*;q=0.5")
	switch {
	case errors.Is(err, fetch.ErrForbidden):
		return verify.Document{}, fmt.Errorf("%w: %w", verify.ErrForbidden, err)
	case err != nil:
		return verify.Document{}, fmt.Errorf("%w: %w", verify.ErrUnavailable, err)
	}
	return verify.Document{URL: address, FinalURL: r.FinalURL, Status: r.Status, ContentType: r.Type, Body: r.Body}, nil
}

func marshalChecks(list []verify.Step) (string, error) {
	text, err := json.Marshal(list)
	return string(text), err
}
