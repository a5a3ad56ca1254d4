package badge

import (
	"bytes"
	"context"
	"io"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/sign"
)

// Records signs learner records. core/sign answers.
type Records interface {
	Record(ctx context.Context, r sign.Record) (record []byte, left []int, err error)
}

// Why a badge cannot be in a learner record.
const (
	leftVersion    = "version"    // it is of OB 2.0 or before, which has no place in one (CLR2 §B.1)
	leftContext    = "context"    // its own @context contradicts the record's
	leftUnclaimed  = "unclaimed"  // it was issued to an address that is not the person's
	leftAnonymised = "anonymised" // only the facts of it are left
)

// LeftOut is a badge that cannot be in a learner record. Why is a key of
// shelf.export.left.
type LeftOut struct {
	Badge Badge
	Why   string
}

// Drafted is a signed learner record with how many badges it holds, and those that
// were chosen and cannot be in it.
type Drafted struct {
	Record []byte
	In     int
	Left   []LeftOut
}

// Draft makes a CLR 2.0 of chosen badges, signed by the site for the person's first
// address, with the endorsements of those that are in it. It returns a fault Conflict
// for a person without a confirmed address, and Invalid when nothing is chosen or too
// much; a record without a badge is nil.
func (s *Badges) Draft(ctx context.Context, p Pack, c Choice) (Drafted, error) {
	ids, err := s.Chosen(ctx, p.Person, c)
	if err == nil {
		err = mayPack(asRecord, len(ids))
	}
	if err != nil {
		return Drafted{}, err
	}
	return (&packer{Badges: s, Pack: p}).record(ctx, ids)
}

func (w *packer) record(ctx context.Context, ids []string) (Drafted, error) {
	to, err := w.Addresses.Confirmed(ctx, w.Base.Read(), w.Person)
	if err != nil {
		return Drafted{}, err
	}
	if len(to) == 0 {
		return Drafted{}, fault.New(fault.Conflict, "shelf.error.clr_address").At("/settings/emails")
	}
	out, r := Drafted{}, sign.Record{Site: w.Site, Address: to[0]}
	var badges []Badge
	for _, id := range ids {
		b, err := w.Mine(ctx, w.Person, id)
		if fault.Is(err, fault.NotFound) {
			continue // it was removed meanwhile
		}
		if err != nil {
			return out, err
		}
		if why := leftAtOnce(b); why != "" {
			out.Left = append(out.Left, LeftOut{b, why})
			continue
		}
		if err := w.enter(ctx, &r, b); err != nil {
			return out, err
		}
		badges = append(badges, b)
	}
	return w.signed(ctx, out, r, badges)
}

// leftAtOnce is why a badge cannot be in a record, as far as its facts say, "" for
// one that may.
func leftAtOnce(b Badge) string {
	switch {
	case !b.isWhole():
		return leftAnonymised
	case b.Unclaimed:
		return leftUnclaimed
	case b.Version != openbadge.V30:
		return leftVersion
	}
	return ""
}

// enter adds a badge with its endorsements to a record.
func (w *packer) enter(ctx context.Context, r *sign.Record, b Badge) error {
	credential, err := getCredential(ctx, w.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	vouchers, err := w.vouchersOf(ctx, b)
	if err != nil {
		return err
	}
	endorsements := make([][]byte, 0, len(vouchers))
	for _, v := range vouchers {
		endorsements = append(endorsements, v.Credential)
	}
	r.Name = w.Say("shelf.export.clr.title", "name", b.Earner.Name)
	r.Credentials, r.Endorsements = append(r.Credentials, credential), append(r.Endorsements, endorsements)
	return nil
}

// signed signs a record of badges. What does not fit into it joins those that are
// left out.
func (w *packer) signed(ctx context.Context, out Drafted, r sign.Record, badges []Badge) (Drafted, error) {
	all, err := w.Count(ctx, w.Person)
	if err != nil || len(badges) == 0 {
		return out, err
	}
	r.Partial = all > len(badges)
	data, left, err := w.Records.Record(ctx, r)
	for _, i := range left {
		out.Left = append(out.Left, LeftOut{badges[i], leftContext})
	}
	if out.In = len(badges) - len(left); out.In == 0 && fault.Is(err, fault.Invalid) {
		return out, nil
	}
	out.Record = data
	return out, err
}

// packed is the download of a record.
func (d Drafted) packed() Packed {
	return Packed{Name: "record.json", Mime: "application/json", Size: int64(len(d.Record)), Reader: io.NopCloser(bytes.NewReader(d.Record))}
}
