package badge

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Badges) OwnerName() string { return "badges" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Badges) OwnerTables() []string {
	return []string{
		"badge", "verification", "verification_document", "badge_host", "link_hit", "badge_import", "badge_record", "badge_alias",
	}
}

// exportPage is how many badges one document of an export lists.
const exportPage = 500

// exported is a badge in the open format of the export.
type exported struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	Issuer      string             `json:"issuer"`
	IssuerID    string             `json:"issuerId"`
	ClassID     string             `json:"achievementId,omitempty"`
	Credential  string             `json:"credentialId,omitempty"`
	Version     string             `json:"openBadges"`
	IssuedTo    string             `json:"issuedTo,omitempty"`
	IssuedAt    *time.Time         `json:"issuedAt,omitempty"`
	ExpiresAt   *time.Time         `json:"expiresAt,omitempty"`
	ReceivedAt  time.Time          `json:"receivedAt"`
	PublishedAt *time.Time         `json:"publishedAt,omitempty"`
	Visibility  Visibility         `json:"visibility"`
	ShowName    bool               `json:"showName"`
	NameOnly    bool               `json:"nameOnly,omitempty"` // it does not lead to the profile
	Verdict     string             `json:"verdict"`
	Unclaimed   bool               `json:"unclaimed,omitempty"`
	Anonymised  *time.Time         `json:"anonymisedAt,omitempty"` // and has no received file then
	Mark        string             `json:"credentialMark,omitempty"`
	Received    string             `json:"received,omitempty"`
	Filename    string             `json:"filename,omitempty"`
	Record      string             `json:"record,omitempty"` // file of the CLR that it came in
	Image       string             `json:"image,omitempty"`
	ValidAt     *time.Time         `json:"lastValidAt,omitempty"`
	Unreachable *time.Time         `json:"issuerUnreachableSince,omitempty"`
	CriteriaURL string             `json:"criteriaUrl,omitempty"`
	CriteriaNow string             `json:"criteriaText,omitempty"`
	Criteria    string             `json:"criteriaCopy,omitempty"`
	Evidence    []exportedEvidence `json:"evidence,omitempty"`
	Removed     *time.Time         `json:"removedAt,omitempty"` // hidden, and deleted within the hour
	Tags        []string           `json:"ownTags,omitempty"`
	Collections []string           `json:"collections,omitempty"`
	Ledger      []exportedStep     `json:"verifications"`
}

type exportedEvidence struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name,omitempty"`
	Narrative   string `json:"narrative,omitempty"`
	Genre       string `json:"genre,omitempty"`
	Description string `json:"description,omitempty"`
}

type exportedStep struct {
	At      time.Time    `json:"at"`
	Verdict string       `json:"verdict"`
	Report  StoredReport `json:"report"`
}

// exporter hands out what is held of one person.
type exporter struct {
	*Badges

	person  int64
	put     func(name string, content []byte) error
	files   bool             // also what the documents name
	records map[int64]string // file of each record
	carried map[string]int64 // record of each badge, by its public id
}

// Export hands out the person's badges: lists, each file exactly as received,
// the images, what verifications rest on, and the imports.
func (s *Badges) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	return (&exporter{Badges: s, person: person, put: put, files: true}).export(ctx)
}

// Describe hands out the documents of Export without the files.
func (s *Badges) Describe(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	return (&exporter{Badges: s, person: person, put: put}).export(ctx)
}

// Counts gives how many badges, records and imports there are.
func (s *Badges) Counts(ctx context.Context, person int64) (map[string]int, error) {
	return countAll(ctx, s.Base.Read(), person)
}

func (x *exporter) export(ctx context.Context) error {
	var err error
	if x.carried, err = mapRecords(ctx, x.Base.Read(), x.person); err != nil {
		return err
	}
	if err := x.exportRecords(ctx); err != nil {
		return err
	}
	before, number := int64(0), 1
	for {
		badges, err := x.List(ctx, x.person, Range{Before: before, Limit: exportPage})
		if err != nil {
			return err
		}
		if len(badges) > 0 || number == 1 {
			if err := x.exportPage(ctx, badges, number); err != nil {
				return err
			}
		}
		if len(badges) < exportPage {
			break
		}
		before = badges[len(badges)-1].ID
		number++
	}
	if err := x.exportAliases(ctx); err != nil {
		return err
	}
	if err := x.exportCollections(ctx); err != nil {
		return err
	}
	if err := x.exportChanges(ctx); err != nil {
		return err
	}
	if err := x.exportCalendar(ctx); err != nil {
		return err
	}
	return x.exportImports(ctx)
}

// exportPage hands out one list of badges with their files.
func (x *exporter) exportPage(ctx context.Context, badges []Badge, number int) error {
	list := make([]exported, 0, len(badges))
	for _, b := range badges {
		e, err := x.exportOne(ctx, b)
		if err != nil {
			return fmt.Errorf("export badge %s: %w", b.PublicID, err)
		}
		list = append(list, e)
	}
	name := "badges/badges.json"
	if number > 1 {
		name = fmt.Sprintf("badges/badges-%d.json", number)
	}
	return archive.Put(x.put, name, list)
}

func (x *exporter) exportOne(ctx context.Context, b Badge) (exported, error) {
	e := exported{
		ID: b.PublicID, Name: b.Class.Name, Description: b.Class.Description, Issuer: b.Class.Issuer.Name, IssuerID: b.Class.Issuer.WireID,
		Credential: b.WireID, Version: string(b.Version), IssuedTo: b.IssuedTo, IssuedAt: present(b.IssuedAt), ExpiresAt: present(b.ExpiresAt),
		ReceivedAt: b.CreatedAt, PublishedAt: present(b.PublishedAt), Visibility: b.Visibility, ShowName: b.ShowName, NameOnly: !b.LinkName,
		Verdict: string(b.Verdict), Unclaimed: b.Unclaimed, Anonymised: present(b.AnonymisedAt), Filename: b.Filename, Ledger: []exportedStep{},
		Record: x.records[x.carried[b.PublicID]], ValidAt: present(b.ValidAt), Unreachable: present(b.UnreachableSince),
		CriteriaURL: b.Class.CriteriaURL, CriteriaNow: b.Class.Criteria,
	}
	for _, v := range b.Evidence {
		e.Evidence = append(e.Evidence, exportedEvidence(v))
	}
	if b.isWhole() {
		e.Received = "badges/received/" + b.PublicID + extension(b.Carrier)
	}
	var err error
	if err = x.exportShelf(ctx, b, &e); err != nil {
		return e, err
	}
	if e.Mark, err = getMark(ctx, x.Base.Read(), b.ID); err != nil {
		return e, err
	}
	if e.ClassID, err = wireOfClass(ctx, x.Base.Read(), b.Class.ID); err != nil {
		return e, err
	}
	ledger, err := x.Ledger(ctx, b, 1000)
	if err != nil {
		return e, err
	}
	for _, l := range ledger {
		e.Ledger = append(e.Ledger, exportedStep{l.At, string(l.Verdict), l.Report})
	}
	if err := x.exportCopies(ctx, b, &e); err != nil {
		return e, err
	}
	if b.Thumbnail != "" {
		e.Image = "badges/images/" + b.Thumbnail + ".png"
	}
	if err := x.received(ctx, e.Received, b); err != nil {
		return e, err
	}
	return e, x.file(ctx, e.Image, b.Thumbnail)
}

// received hands out the file that a badge came as.
func (x *exporter) received(ctx context.Context, name string, b Badge) error {
	if !x.files || b.Received == "" {
		return nil
	}
	data, _, err := x.fileOf(ctx, x.Base.Read(), b)
	if err != nil {
		return err
	}
	return x.put(name, data)
}

// file hands out bytes that are kept; nothing for the empty hash.
func (x *exporter) file(ctx context.Context, name, hash string) error {
	if !x.files || hash == "" {
		return nil
	}
	data, _, err := x.Blobs.Get(ctx, x.Base.Read(), hash)
	if err != nil {
		return err
	}
	return x.put(name, data)
}

// exportCopies hands out the documents that verifications rest on, each named by
// its SHA-256 as the ledger names it, and the copy of the criteria.
func (x *exporter) exportCopies(ctx context.Context, b Badge, e *exported) error {
	hashes, err := listBodies(ctx, x.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		if err := x.file(ctx, "badges/documents/"+h, h); err != nil {
			return err
		}
	}
	kept, err := x.Criteria(ctx, b.Class.ID)
	if err != nil || kept.Text == "" {
		return err
	}
	content := []byte(kept.Text + "\n")
	e.Criteria = "badges/criteria/" + hashOf(content) + ".txt"
	if !x.files {
		return nil
	}
	return x.put(e.Criteria, content)
}

type exportedRecord struct {
	At         time.Time    `json:"at"`
	Title      string       `json:"title"`
	Issuer     string       `json:"issuer"`
	Filename   string       `json:"filename,omitempty"`
	Verdict    string       `json:"verdict"`
	File       string       `json:"file"`
	VerifiedAt time.Time    `json:"verifiedAt"`
	Report     StoredReport `json:"report"`
}

// exportRecords hands out the records (CLR) that badges came in, as received.
func (x *exporter) exportRecords(ctx context.Context) error {
	list, err := listRecords(ctx, x.Base.Read(), x.person)
	if err != nil || len(list) == 0 {
		return err
	}
	x.records = map[int64]string{}
	out := []exportedRecord{}
	for i, r := range list {
		file := fmt.Sprintf("badges/records/%d%s", i+1, extension(r.carrier))
		if err := x.file(ctx, file, r.received); err != nil {
			return err
		}
		x.records[r.id] = file
		out = append(out, exportedRecord{r.createdAt, r.title, r.issuer, r.filename, string(r.verdict), file, r.verifiedAt, r.report})
	}
	return archive.Put(x.put, "badges/records.json", out)
}

type exportedImport struct {
	At       time.Time `json:"at"`
	State    string    `json:"state"`
	Title    string    `json:"title"`
	Filename string    `json:"filename,omitempty"`
	Source   string    `json:"source,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	File     string    `json:"file,omitempty"`
}

func (x *exporter) exportImports(ctx context.Context) error {
	list, err := listImports(ctx, x.Base.Read(), x.person)
	if err != nil {
		return err
	}
	out := []exportedImport{}
	for _, im := range list {
		r := exportedImport{At: im.CreatedAt, State: im.State, Title: im.Title, Filename: im.Filename, Source: im.Source, Reason: im.Reason}
		if im.Received != "" {
			r.File = path.Join("badges/imports", im.PublicID)
			if err := x.file(ctx, r.File, im.Received); err != nil {
				return err
			}
		}
		out = append(out, r)
	}
	return archive.Put(x.put, "badges/imports.json", out)
}

// erasePortion is how many badges one transaction of an erasure deletes.
const erasePortion = 50

// EraseSome deletes some of the person's badges, and reports whether there may be more.
func (s *Badges) EraseSome(ctx context.Context, tx *db.Tx, person int64) (more bool, err error) {
	badges, err := listMine(ctx, tx, person, Range{Limit: erasePortion})
	if err != nil {
		return false, err
	}
	for _, b := range badges {
		if err := s.remove(ctx, tx, b); err != nil {
			return false, err
		}
	}
	return len(badges) == erasePortion, nil
}

// Erase deletes everything about the person's badges. Classes and issuers that
// others hold badges of stay: they are shared.
func (s *Badges) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	badges, err := listMine(ctx, tx, person, Range{Limit: 1 << 30})
	if err != nil {
		return err
	}
	for _, b := range badges {
		if err := s.remove(ctx, tx, b); err != nil {
			return err
		}
	}
	imports, err := listImports(ctx, tx, person)
	if err != nil {
		return err
	}
	records, err := listRecords(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := errors.Join(deleteImports(ctx, tx, person), deleteRecords(ctx, tx, person), deleteCollections(ctx, tx, person), deleteChanges(ctx, tx, person), deleteFeed(ctx, tx, person)); err != nil {
		return err
	}
	for _, im := range imports {
		if err := s.Blobs.Drop(ctx, tx, im.Received); err != nil {
			return err
		}
	}
	for _, r := range records {
		if err := s.Blobs.Drop(ctx, tx, r.received); err != nil {
			return err
		}
	}
	return nil
}

func present(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func extension(carrier string) string {
	switch carrier {
	case "png", "svg", "json", "pdf":
		return "." + carrier
	case "jws":
		return ".jwt"
	}
	return ".txt"
}
