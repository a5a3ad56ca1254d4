package badge

import (
	"context"
	"slices"
)

// Pick says which badges of a person stand in a block of a page: chosen ones in
// their order, or all with a tag, of an issuer or in a collection of the person's.
type Pick struct {
	IDs        []int64
	Tag        string // folded
	Issuer     string // public id
	Collection string // public id
	Limit      int    // at most 60
}

// Picked gives the badges of a person that a pick names, as the viewer may see
// them beside the person's name, with what cards show of them.
func (s *Badges) Picked(ctx context.Context, viewer, person int64, p Pick) ([]Badge, error) {
	d := s.Base.Read()
	switch {
	case p.Tag != "":
		return listTagged(ctx, d, viewer, person, p)
	case p.Issuer != "":
		return listIssued(ctx, d, viewer, person, p)
	case p.Collection != "":
		return listCollection(ctx, d, viewer, person, p)
	case len(p.IDs) == 0:
		return nil, nil
	}
	list, err := listPicked(ctx, d, viewer, person, p.IDs)
	slices.SortStableFunc(list, func(a, b Badge) int { return slices.Index(p.IDs, a.ID) - slices.Index(p.IDs, b.ID) })
	return list, err
}

// ReceivedFile gives the file of a badge exactly as it came in, and a name for it
// made of the badge's. Hand it out to nobody but the holder when the credential
// names their address (Badge.Plain). The fault is NotFound for a badge of which
// only the facts are left.
func (s *Badges) ReceivedFile(ctx context.Context, b Badge) (name string, data []byte, err error) {
	if err := b.whole(); err != nil {
		return "", nil, err
	}
	data, _, err = s.fileOf(ctx, s.Base.Read(), b)
	return receivedName(b, false), data, err
}

// ImageOf gives the art of a badge as a PNG of our own, a drawn one for a badge
// without.
func (s *Badges) ImageOf(ctx context.Context, b Badge) ([]byte, error) { return s.pictureOf(ctx, b) }
