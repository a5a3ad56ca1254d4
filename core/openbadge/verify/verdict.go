package verify

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
	var unknown, revoked, suspended, expired, early bool
	for _, c := range checks {
		switch c.Name {
		case CheckFormat, CheckSchema, CheckRecipient, CheckCredentials, CheckProof, CheckKey:
			if c.Result == Fail {
				return Invalid
			}
			if c.Result == Unknown && (c.Name == CheckProof || c.Name == CheckKey) {
				unknown = true
			}
		case CheckRevoked:
			if c.Result == Fail && !isTakenBack(c.Reason) {
				return Invalid
			}
			suspended = suspended || c.Result == Fail && c.Reason == reasonSuspended
			revoked = revoked || c.Result == Fail && c.Reason != reasonSuspended
		case CheckExpired:
			expired = expired || c.Result == Fail
		case CheckValidFrom:
			early = early || c.Result == Fail
		}
	}
	return firstOf(
		verdictIf{unknown, Unverifiable},
		verdictIf{revoked, Revoked},
		verdictIf{suspended, Suspended},
		verdictIf{expired, Expired},
		verdictIf{early, NotYetValid},
	)
}

const (
	reasonSuspended = "suspended"
	reasonRevoked   = "revoked"
	reasonGone      = "gone"
)

func isTakenBack(reason string) bool {
	return reason == reasonSuspended || reason == reasonRevoked || reason == reasonGone
}

type verdictIf struct {
	applies bool
	verdict Verdict
}

func firstOf(list ...verdictIf) Verdict {
	for _, v := range list {
		if v.applies {
			return v.verdict
		}
	}
	return Valid
}
