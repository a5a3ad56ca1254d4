package badge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// The kinds of items that this feature finds in an archive.
const (
	kindBadge  = "badge"
	kindRecord = "record"

	kindCollection = "collection"
)

// Returns says what of this feature's part of an archive comes back.
func (s *Badges) Returns() []archive.Return {
	return []archive.Return{
		{Document: "badges", Kinds: []string{kindBadge}},
		{Document: "records", Kinds: []string{kindRecord}},
		{Document: "collections", Kinds: []string{kindCollection}},
		{Document: "joined", Anew: archive.Made},
		{Document: "calendar", Anew: archive.Secret},
		{Document: "changes", Anew: archive.Passing},
		{Document: "imports", Anew: archive.Passing},
	}
}

// wish is how the person who brings a badge back wants it shown.
type wish struct {
	Visibility Visibility `json:"visibility"`
	ShowName   bool       `json:"showName"`
	NameOnly   bool       `json:"nameOnly,omitempty"`
	Filename   string     `json:"filename"`
	Record     string     `json:"record"`
	Unclaimed  bool       `json:"unclaimed,omitempty"` // it was, and its address is still nobody's here
	Published  time.Time  `json:"published,omitzero"`  // when others could first find it

	Tags        []string `json:"ownTags,omitempty"`
	Collections []string `json:"collections,omitempty"`
}

// since is when others could first find a badge: now, unless it is brought back from
// an earlier time. Nothing that is brought back is news.
func (w *wish) since(now time.Time) time.Time {
	if w == nil || w.Published.IsZero() || w.Published.After(now) {
		return now
	}
	return w.Published
}

var errOtherBadges = errors.New("a record of none of the badges")

// Plan tells what of the badges of an archive can be taken in. It reads the
// received files themselves: the JSON beside them says only how they were shown.
// Nothing is written.
func (s *Badges) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	addresses, err := s.Addresses.Confirmed(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	for name := range a.BadgeLists {
		var list []exported
		if err := a.JSON(name, &list); err != nil {
			return err
		}
		for _, e := range list {
			item, err := s.planOne(ctx, person, a, e, addresses)
			if err == nil {
				err = add(item)
			}
			if err != nil {
				return err
			}
		}
	}
	if err := s.planCollections(ctx, person, a, add); err != nil {
		return err
	}
	return s.planRecords(ctx, person, a, add)
}

func (s *Badges) planRecords(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedRecord
	if err := a.JSON("badges/records.json", &list); err != nil {
		return err
	}
	for _, r := range list {
		item := archive.Item{Kind: kindRecord, Title: clip(r.Title, 200), Source: r.File, State: archive.Add}
		if !strings.HasPrefix(r.File, "badges/records/") || !a.Has(r.File) {
			item.State, item.Reason = archive.Refused, "mydata.zip.file_missing"
		} else if data, err := a.Read(r.File); err != nil {
			return err
		} else if known, err := hasRecord(ctx, s.Base.Read(), person, hashOf(data)); err != nil {
			return err
		} else if known {
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, wish{Filename: clip(r.Filename, 200)}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Badges) planOne(ctx context.Context, person int64, a *archive.Archive, e exported, addresses []string) (archive.Item, error) {
	item := archive.Item{Kind: kindBadge, Title: clip(e.Name, 200), Source: e.Received, State: archive.Refused}
	var err error
	w := wish{
		Visibility: e.Visibility, ShowName: e.ShowName, NameOnly: e.NameOnly, Filename: clip(e.Filename, 200), Record: e.Record,
		Tags: e.Tags[:min(len(e.Tags), tagsMost)], Collections: e.Collections[:min(len(e.Collections), collectionsMost)],
	}
	if e.PublishedAt != nil {
		w.Published = *e.PublishedAt
	}
	if item.Data, err = json.Marshal(w); err != nil {
		return item, err
	}
	if e.Anonymised != nil {
		item.Reason = "mydata.zip.anonymised"
		return item, nil
	}
	if !strings.HasPrefix(e.Received, "badges/received/") || !a.Has(e.Received) {
		item.Reason = "mydata.zip.file_missing"
		return item, nil
	}
	data, err := a.Read(e.Received)
	if err != nil {
		return item, err
	}
	c, err := credentialIn(data)
	if err != nil {
		why := refusalOf(refusal(err))
		item.Reason, item.Detail = "verify.reason."+why.Reason, clip(why.Detail, 120)
		return item, nil // it is the item's, not ours
	}
	if c.Issuer.ID == "" { // it stands in a document of the issuer's; whether it is true shows when the badge is taken in
		c.Issuer.ID = e.IssuerID
	}
	held, err := findHeld(ctx, s.Base.Read(), person, s.equalitiesOf(samenessOf(c)))
	if err != nil {
		return item, err
	}
	_, mine := c.Recipient.Match(addresses)
	switch {
	case held != "":
		item.State = archive.Known
	case !mine && e.Unclaimed:
		item.State, w.Unclaimed = archive.Add, true
		item.Data, err = json.Marshal(w)
	case !mine && c.Recipient.Comparable(addresses):
		item.Reason = "mydata.zip.not_yours"
	default:
		item.State = archive.Add
	}
	return item, err
}

// credentialIn reads the credential that a file carries, without verifying it.
func credentialIn(data []byte) (*openbadge.Credential, error) {
	found, err := bake.Extract(data)
	if err != nil {
		return nil, err
	}
	return openbadge.Parse(found.Payload)
}

// Take takes one badge or record of an archive in: it is verified as if it came
// in for the first time, and only how it was shown is believed. Each is kept in
// one transaction of its own. Taking it again finds it known.
func (s *Badges) Take(ctx context.Context, person int64, a *archive.Archive, item archive.Item) (archive.Item, error) {
	if item.Kind == kindCollection {
		return s.takeCollection(ctx, person, item)
	}
	var w wish
	if err := json.Unmarshal(item.Data, &w); err != nil {
		return item, err
	}
	data, err := a.Read(item.Source)
	if err != nil {
		return item, err
	}
	if item.Kind == kindRecord {
		return s.takeRecord(ctx, person, data, w, item)
	}
	found, err := bake.Extract(data)
	if err != nil {
		return refusedItem(item, refusalOf(err)), nil // it is the item's, not ours
	}
	im := Import{
		ID: s.Base.NewID(), PublicID: secret.ID(), Person: person, State: StateRunning, Received: hashOf(data), Title: item.Title,
		Filename: w.Filename, CreatedAt: s.Base.Now(), Unclaimed: w.Unclaimed, wish: &w,
	}
	report, err := (&crew{s: s}).check(ctx, &arrival{im: im}, waiter{found: found})
	if err == nil {
		err = ctx.Err() // what was cut off says nothing
	}
	if err != nil {
		return item, err
	}
	return s.endTaken(ctx, im, received{data: data, found: found, report: report}, item)
}

// endTaken writes an import and how it ended in one transaction. Of one that
// brought a badge nothing else stays; others are shown for a day, as every import.
func (s *Badges) endTaken(ctx context.Context, im Import, r received, item archive.Item) (archive.Item, error) {
	end := s.outcome(ctx, im, r)
	var now Import
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.Blobs.Put(ctx, tx, r.data, mimeOf(r.found.Carrier)); err != nil {
			return fmt.Errorf("keep upload: %w", err)
		}
		if err := insertImport(ctx, tx, im); err != nil {
			return err
		}
		if err := end(ctx, tx, newMemo()); err != nil {
			return err
		}
		var err error
		if now, err = getImport(ctx, tx, im.Person, im.PublicID); err != nil || now.State != StateDone && now.State != StateDuplicate {
			return err
		}
		return deleteImport(ctx, tx, im.ID)
	})
	switch {
	case err != nil:
		return item, err
	case now.State == StateDone:
		item.State = archive.Done
	case now.State == StateDuplicate:
		item.State = archive.Known
	default:
		return refusedItem(item, verify.Step{Reason: now.Reason, Detail: now.Detail}), nil
	}
	return item, nil
}

func refusedItem(item archive.Item, why verify.Step) archive.Item {
	item.State, item.Reason, item.Detail = archive.Refused, "verify.reason."+why.Reason, clip(why.Detail, 120)
	return item
}

// takeRecord keeps a record when it verifies and brought badges that are held.
func (s *Badges) takeRecord(ctx context.Context, person int64, data []byte, w wish, item archive.Item) (archive.Item, error) {
	found, err := bake.Extract(data)
	if err != nil {
		return refusedItem(item, refusalOf(err)), nil // it is the item's, not ours
	}
	report, err := s.verifyRecord(ctx, person, found)
	if err != nil {
		return item, err
	}
	if why := recordFault(report.Checks); why.Name != "" || report.Kind != openbadge.CLR || report.Credential == nil {
		if why.Reason == "" {
			why.Reason = "not-a-badge"
		}
		return refusedItem(item, why), nil
	}
	entries, err := Contained(ctx, found.Payload)
	if err != nil {
		return refusedItem(item, refusalOf(err)), nil // it is the item's, not ours
	}
	var names []sameness
	for _, e := range entries {
		if c, err := openbadge.Parse(e.Found.Payload); err == nil {
			names = append(names, samenessOf(c))
		}
	}
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		hash, err := s.Blobs.Put(ctx, tx, data, mimeOf(found.Carrier))
		if err != nil {
			return err
		}
		im := Import{Person: person, Received: hash, Filename: w.Filename}
		id, err := s.keepRecord(ctx, tx, im, received{found: found, report: report})
		if err != nil {
			return err
		}
		linked, err := linkHeld(ctx, tx, person, id, slices.Compact(names))
		if err == nil && linked == 0 {
			err = errOtherBadges
		}
		return err
	})
	switch {
	case errors.Is(err, errOtherBadges):
		item.State = archive.Known // its badges are not here, or came with a record already
		return item, nil
	case err != nil:
		return item, err
	}
	item.State = archive.Done
	return item, nil
}

func (s *Badges) verifyRecord(ctx context.Context, person int64, found bake.Found) (verify.Report, error) {
	addresses, err := s.Addresses.Confirmed(ctx, s.Base.Read(), person)
	if err != nil {
		return verify.Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	return verify.Check(ctx, found.Payload, verify.Options{
		At: s.Base.Now(), Fetcher: s.fetcher(), Lists: &s.lists, Recipients: append([]string{}, addresses...),
	}), nil
}

// OnlyMe lets nobody else see a badge that is taken in, however it was shown before.
func (s *Badges) OnlyMe(item archive.Item) (archive.Item, error) {
	if item.Kind != kindBadge {
		return item, nil
	}
	var w wish
	if err := json.Unmarshal(item.Data, &w); err != nil {
		return item, err
	}
	w.Visibility = Private
	var err error
	item.Data, err = json.Marshal(w)
	return item, err
}
