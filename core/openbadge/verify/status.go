package verify

import (
	"context"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// status checks every credentialStatus entry. The worst answer counts: revoked, then
// suspended, then "could not be checked" (OB3 §9.4, VC 2.0 §4.10).
func (r *run) status(ctx context.Context, doc strictjson.Value, c *openbadge.Credential) finding {
	var list []finding
	for v := range doc.Get("credentialStatus").All() {
		m := v.Map()
		switch {
		case hasType(m, "1EdTechRevocationList"):
			list = append(list, r.revocationList(ctx, asString(m["id"]), c).by("VCRL 1.0"))
		case hasType(m, "BitstringStatusListEntry"):
			list = append(list, r.statusList(ctx, m, true).by("Bitstring Status List 1.0 §3.2"))
		case hasType(m, "StatusList2021Entry"):
			list = append(list, r.statusList(ctx, m, false).by("VC Status List 2021 §3.2"))
		default:
			list = append(list, unknown("status-type", firstText(typesOf(m))))
		}
	}
	if r.env.Claims.Get("status").Present() { // a Token Status List (IETF), which a badge may have beside or in place of one of ours
		list = append(list, unknown("status-type", "status"))
	}
	for _, f := range list {
		if f.Result == Fail && f.Reason != reasonSuspended {
			return f
		}
	}
	out := worst(list...)
	for _, f := range list {
		if out == pass() && f.ok() && f.Detail != "" {
			out = f // what the issuer says of it, which is no fault
		}
	}
	return out
}

func firstText(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// revocationList looks the credential up in a 1EdTech list (VCRL 1.0 §"RevocationList"): an
// entry with the id of the credential revokes it unless it says otherwise.
func (r *run) revocationList(ctx context.Context, address string, c *openbadge.Credential) finding {
	if address == "" {
		return unknown("bad-address", "credentialStatus.id")
	}
	doc, _, f := r.object(ctx, RoleStatus, address)
	if !f.ok() {
		return asUnknown(f)
	}
	for _, v := range asList(doc["revokedCredential"]) {
		m := asObject(v)
		if idOf(v) == c.ID && c.ID != "" && m["revoked"] != false {
			return fail(reasonRevoked, asString(m["revocationReason"])) // the badge itself named the list, whoever signs it
		}
	}
	if issuer := idOf(doc["issuer"]); issuer != "" && issuer != c.Issuer.ID {
		return unknown("status-issuer", issuer)
	}
	return pass()
}
