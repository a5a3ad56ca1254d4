package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Badges) OwnerName() string { return "badges" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Badges) OwnerTables() []string {
	return []string{
		"badge", "verification", "verification_document", "badge_host", "badge_import", "badge_record",
	}
}

// exported is a badge in the open format of the export.
type exported struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Issuer      string         `json:"issuer"`
	IssuerID    string         `json:"issuerId"`
	Credential  string         `json:"credentialId,omitempty"`
	Version     string         `json:"openBadges"`
	IssuedTo    string         `json:"issuedTo,omitempty"`
	IssuedAt    *time.Time     `json:"issuedAt,omitempty"`
	ExpiresAt   *time.Time     `json:"expiresAt,omitempty"`
	ReceivedAt  time.Time      `json:"receivedAt"`
	PublishedAt *time.Time     `json:"publishedAt,omitempty"`
	Visibility  Visibility     `json:"visibility"`
	ShowName    bool           `json:"showName"`
	Verdict     string         `json:"verdict"`
	Received    string         `json:"received"`
	Image       string         `json:"image,omitempty"`
	ValidAt     *time.Time     `json:"lastValidAt,omitempty"`
	Unreachable *time.Time     `json:"issuerUnreachableSince,omitempty"`
	Criteria    string         `json:"criteriaCopy,omitempty"`
	Documents   string         `json:"documents,omitempty"`
	Ledger      []exportedStep `json:"verifications"`
}

type exportedStep struct {
	At      time.Time    `json:"at"`
	Verdict string       `json:"verdict"`
	Report  StoredReport `json:"report"`
}

// Export hands out the person's badges: a list, each file exactly as received,
// each image, and the imports.
func (s *Badges) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list := []exported{}
	for before := int64(0); ; {
		badges, err := s.List(ctx, person, Query{Before: before, Limit: 100})
		if err != nil {
			return err
		}
		for _, b := range badges {
			e, err := s.exportOne(ctx, b, put)
			if err != nil {
				return fmt.Errorf("export badge %s: %w", b.PublicID, err)
			}
			list = append(list, e)
			before = b.ID
		}
		if len(badges) < 100 {
			break
		}
	}
	if err := putJSON(put, "badges/badges.json", list); err != nil {
		return err
	}
	if err := s.exportRecords(ctx, person, put); err != nil {
		return err
	}
	return s.exportImports(ctx, person, put)
}

func (s *Badges) exportOne(ctx context.Context, b Badge, put func(string, []byte) error) (exported, error) {
	e := exported{
		ID: b.PublicID, Name: b.Class.Name, Issuer: b.Class.Issuer.Name, IssuerID: b.Class.Issuer.WireID, Credential: b.WireID,
		Version: string(b.Version), IssuedTo: b.IssuedTo, IssuedAt: present(b.IssuedAt), ExpiresAt: present(b.ExpiresAt),
		ReceivedAt: b.CreatedAt, PublishedAt: present(b.PublishedAt), Visibility: b.Visibility, ShowName: b.ShowName,
		Verdict: string(b.Verdict), Received: "badges/received/" + b.PublicID + extension(b.Carrier), Ledger: []exportedStep{},
		ValidAt: present(b.ValidAt), Unreachable: present(b.UnreachableSince),
	}
	ledger, err := s.Ledger(ctx, b, 1000)
	if err != nil {
		return e, err
	}
	for _, l := range ledger {
		e.Ledger = append(e.Ledger, exportedStep{l.At, string(l.Verdict), l.Report})
	}
	if err := s.exportCopies(ctx, b, &e, put); err != nil {
		return e, err
	}
	data, _, err := s.Blobs.Get(ctx, s.Base.Read(), b.Received)
	if err != nil {
		return e, err
	}
	if err := put(e.Received, data); err != nil {
		return e, err
	}
	if b.Thumbnail == "" {
		return e, nil
	}
	image, _, err := s.Blobs.Get(ctx, s.Base.Read(), b.Thumbnail)
	if err != nil {
		return e, err
	}
	e.Image = "badges/images/" + b.PublicID + ".png"
	return e, put(e.Image, image)
}

// exportCopies hands out the documents that verifications rest on, each named by
// its SHA-256 as the ledger names it, and the copy of the criteria.
func (s *Badges) exportCopies(ctx context.Context, b Badge, e *exported, put func(string, []byte) error) error {
	hashes, err := listBodies(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		e.Documents = "badges/documents/" + b.PublicID
		data, _, err := s.Blobs.Get(ctx, s.Base.Read(), h)
		if err != nil {
			return err
		}
		if err := put(e.Documents+"/"+h, data); err != nil {
			return err
		}
	}
	kept, err := s.Criteria(ctx, b.Class.ID)
	if err != nil || kept.Text == "" {
		return err
	}
	e.Criteria = "badges/criteria/" + b.PublicID + ".txt"
	return put(e.Criteria, []byte(kept.Text+"\n"))
}

// exportRecords hands out the records (CLR) that badges came in, as received.
func (s *Badges) exportRecords(ctx context.Context, person int64, put func(string, []byte) error) error {
	list, err := listRecords(ctx, s.Base.Read(), person)
	if err != nil || len(list) == 0 {
		return err
	}
	type row struct {
		At                                     time.Time
		Title, Issuer, Filename, Verdict, File string
		VerifiedAt                             time.Time
		Report                                 StoredReport
	}
	out := []row{}
	for i, r := range list {
		data, _, err := s.Blobs.Get(ctx, s.Base.Read(), r.received)
		if err != nil {
			return err
		}
		file := fmt.Sprintf("badges/records/%d%s", i+1, extension(r.carrier))
		if err := put(file, data); err != nil {
			return err
		}
		out = append(out, row{r.createdAt, r.title, r.issuer, r.filename, string(r.verdict), file, r.verifiedAt, r.report})
	}
	return putJSON(put, "badges/records.json", out)
}

func (s *Badges) exportImports(ctx context.Context, person int64, put func(string, []byte) error) error {
	list, err := listImports(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	type row struct {
		At                                           time.Time
		State, Title, Filename, Source, Reason, File string
	}
	out := []row{}
	for _, im := range list {
		r := row{At: im.CreatedAt, State: im.State, Title: im.Title, Filename: im.Filename, Source: im.Source, Reason: im.Reason}
		if im.Received != "" {
			data, _, err := s.Blobs.Get(ctx, s.Base.Read(), im.Received)
			if err != nil {
				return err
			}
			r.File = path.Join("badges/imports", im.PublicID)
			if err := put(r.File, data); err != nil {
				return err
			}
		}
		out = append(out, r)
	}
	return putJSON(put, "badges/imports.json", out)
}

// Erase deletes everything about the person's badges. Classes and issuers that
// others hold badges of stay: they are shared.
func (s *Badges) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	badges, err := listMine(ctx, tx, person, Query{Limit: 1 << 30})
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
	if err := errors.Join(deleteImports(ctx, tx, person), deleteRecords(ctx, tx, person)); err != nil {
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

func putJSON(put func(string, []byte) error, name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return put(name, append(text, '\n'))
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
