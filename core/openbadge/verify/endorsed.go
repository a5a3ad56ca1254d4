package verify

import (
	"context"
	"strconv"

	"github.com/osier-passport/osier/core/openbadge"
)

// checkLinkedEndorsements verifies the OB 2.0 endorsements of badge, class and issuer, each
// for itself (OB2 §Endorsement).
func (r *run) checkLinkedEndorsements(ctx context.Context, g graph) {
	if r.depth > 0 {
		return
	}
	var list []any
	for _, m := range []map[string]any{r.env.Doc, g.class, g.issuer} {
		list = append(list, asList(m["endorsement"])...)
	}
	for i, v := range list {
		if i == maxContained {
			r.emit(CheckEndorsement, unknown("too-many-documents", strconv.Itoa(len(list))))
			return
		}
		r.emit(CheckEndorsement, r.linkedEndorsement(ctx, v).by("OB2 §Endorsement"))
	}
}

// linkedEndorsement runs all checks on one endorsement and gives the worst of them.
func (r *run) linkedEndorsement(ctx context.Context, v any) finding {
	payload := []byte(idOf(v))
	if len(payload) == 0 {
		return unknown("no-address", "")
	}
	s := r.sub(&openbadge.Envelope{}, RoleEndorsement)
	s.payload(ctx, payload)
	if s.report.Kind != openbadge.Endorsement && s.report.Credential != nil && s.env.Doc != nil {
		return fail("wrong-type", "endorsement.type")
	}
	out := make([]finding, 0, len(s.report.Checks))
	for _, c := range s.report.Checks {
		out = append(out, finding{c.Result, c.Reason, c.Detail, c.Spec})
	}
	return worst(out...)
}
