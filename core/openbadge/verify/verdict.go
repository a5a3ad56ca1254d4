package verify

import "slices"

// Verdict is the outcome of a whole verification.
type Verdict string

// The verdicts.
const (
	Valid        Verdict = "valid"
	Expired      Verdict = "expired"
	Revoked      Verdict = "revoked"
	Suspended    Verdict = "suspended"
	NotYetValid  Verdict = "not-yet-valid"
	Invalid      Verdict = "invalid"
	Unverifiable Verdict = "unverifiable"
)

// verdictOf weighs the checks. When several verdicts apply the first of these wins:
//
//	invalid        format, proof, key, schema, credentials or recipient failed, or the
//	               status list that the badge points to is broken
//	unverifiable   proof or key could not be checked, since a document could not be had
//	revoked        the issuer took it back for good
//	suspended      the issuer took it back for now
//	expired        its end lies before the clock
//	not-yet-valid  its start lies after the clock
//	valid          none of these
//
// A failed check outweighs an unknown one: no document could mend it. What a badge says of
// itself (dates) and what a list says of its id (revocation) count only once the badge is
// known to be the issuer's. An unknown status list, refresh, schema or image leaves the
// verdict, and so does a failed endorsement: it is somebody else's word.
func verdictOf(checks []Step) Verdict {
	order := [...]Verdict{Invalid, Unverifiable, Revoked, Suspended, Expired, NotYetValid, Valid}
	first := len(order) - 1
	for i := range checks {
		if v := verdictOfOne(&checks[i]); v != Valid {
			first = min(first, slices.Index(order[:], v))
		}
	}
	return order[first]
}

// verdictOfOne is the verdict that one check alone asks for.
func verdictOfOne(c *Step) Verdict {
	vital := c.Name == CheckProof || c.Name == CheckKey
	switch {
	case c.Result == Unknown && vital:
		return Unverifiable
	case c.Result != Fail || c.Name == CheckEndorsement || c.Name == CheckRefresh:
		return Valid
	case c.Name == CheckExpired:
		return Expired
	case c.Name == CheckValidFrom:
		return NotYetValid
	case c.Name == CheckRevoked && c.Reason == reasonSuspended:
		return Suspended
	case c.Name == CheckRevoked && (c.Reason == reasonRevoked || c.Reason == reasonGone):
		return Revoked
	}
	return Invalid
}

const (
	reasonSuspended = "suspended"
	reasonRevoked   = "revoked"
	reasonGone      = "gone"
)
