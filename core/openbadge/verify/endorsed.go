package verify

import (
	"context"
	"strconv"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// checkLinkedEndorsements verifies the OB 2.0 endorsements of badge, class and issuer, each
// for itself (OB2 §Endorsement).
func (r *run) checkLinkedEndorsements(ctx context.Context, g graph) {
	if r.depth > 0 {
		return
	}
	var list []endorsement
	for _, p := range []struct {
		doc     strictjson.Value
		address string
	}{{r.env.Root, r.hostAddress()}, {g.class, g.classAddress}, {g.issuer, g.issuerAddress}} {
		list = endorsementsAt(list, p.doc, idIn(p.doc), p.address)
	}
	for i, e := range list {
		if i == maxContained || !r.mayDescend() {
			r.emit(CheckEndorsement, unknown("too-many-documents", strconv.Itoa(len(list))))
			return
		}
		f, w := r.linkedEndorsement(ctx, e)
		r.emitBy(CheckEndorsement, f.by("OB2 §Endorsement"), w)
	}
}

// linkedEndorsement runs all checks on one endorsement and gives the worst of them, who
// made it and what it says. Its claim must be about what it hangs on (OB2 §Endorsement "claim").
func (r *run) linkedEndorsement(ctx context.Context, e endorsement) (finding, word) {
	payload := []byte(idIn(e.raw))
	if len(payload) == 0 {
		return unknown("no-address", ""), word{}
	}
	s := r.sub(&openbadge.Envelope{}, RoleEndorsement)
	s.payload(ctx, payload)
	if s.report.Kind != openbadge.Endorsement && s.report.Credential != nil && s.env.Root.Exists() {
		return fail("wrong-type", "endorsement.type"), s.word()
	}
	if f := s.deciding(); !f.ok() {
		return f, s.word()
	}
	if id := idIn(s.env.Root.Get("claim")); !about(e.about, id) {
		return fail("endorsed-other", id), s.word()
	}
	return finding{Result: Pass, Detail: s.author()}, s.word()
}
