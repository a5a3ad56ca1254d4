package badge

import (
	"bytes"
	"context"
	"io"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/sign"
)

// Records signs learner records. core/sign answers.
type Records interface {
	Record(ctx context.Context, r sign.Record) (record []byte, left []int, err error)
}

// record gives a CLR 2.0 of the chosen badges, signed by the site for the person's
// first address. Badges that are not theirs yet are left out, and so are those of
// OB 2.0, which have no place in one (CLR2 §B.1). It returns a fault Conflict for a
// person without a confirmed address.
func (w *packer) record(ctx context.Context, ids []string) (Packed, error) {
	to, err := w.Addresses.Confirmed(ctx, w.Base.Read(), w.Person)
	if err != nil {
		return Packed{}, err
	}
	if len(to) == 0 {
		return Packed{}, fault.New(fault.Conflict, "shelf.error.clr_address").At("/settings/emails")
	}
	r := sign.Record{Site: w.Site, Address: to[0]}
	for _, id := range ids {
		b, err := w.Mine(ctx, w.Person, id)
		if fault.Is(err, fault.NotFound) || err == nil && (b.Unclaimed || !b.isWhole()) {
			continue
		}
		if err != nil {
			return Packed{}, err
		}
		credential, err := getCredential(ctx, w.Base.Read(), b.ID)
		if err != nil {
			return Packed{}, err
		}
		r.Name = w.Say("shelf.export.clr.title", "name", b.Earner.Name)
		r.Credentials = append(r.Credentials, credential)
	}
	all, err := w.Count(ctx, w.Person)
	if err != nil {
		return Packed{}, err
	}
	r.Partial = all > len(r.Credentials)
	data, _, err := w.Records.Record(ctx, r)
	return Packed{Name: "record.json", Mime: "application/json", Size: int64(len(data)), Reader: io.NopCloser(bytes.NewReader(data))}, err
}
