package verify

import (
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// checkIdentifiers wants absolute addresses where the credential names itself.
func checkIdentifiers(e *openbadge.Envelope) finding {
	id, has := e.Doc["id"]
	if !has {
		return pass()
	}
	if s, ok := id.(string); !ok || !isIRI(s) || isDangerous(s) {
		return fail("bad-address", "id")
	}
	return pass()
}

// checkDates wants readable dates with a zone (OB3 "DateTimeZ"), a start (VC 1.1 §4.6
// issuanceDate, OB3 §B.1 validFrom), and no end before it.
func checkDates(e *openbadge.Envelope) finding {
	for _, name := range []string{"validFrom", "issuanceDate", "validUntil", "expirationDate", "awardedDate"} {
		v, has := e.Doc[name]
		if !has {
			continue
		}
		if _, ok := v.(string); !ok {
			return fail("bad-date", name)
		}
		_, zoned, ok := openbadge.ParseTime(v)
		if !ok {
			return fail("bad-date", name)
		}
		if !zoned {
			return fail("date-zone", name)
		}
	}
	start := firstTime(e.Doc, "validFrom", "issuanceDate")
	if start.IsZero() {
		if e.Claims["nbf"] == nil {
			return fail("missing", "validFrom")
		}
		return pass()
	}
	if end := firstTime(e.Doc, "validUntil", "expirationDate"); !end.IsZero() && end.Before(start) {
		return fail("dates-order", "")
	}
	return pass()
}

func firstTime(doc map[string]any, names ...string) time.Time {
	for _, n := range names {
		if t, _, ok := openbadge.ParseTime(doc[n]); ok {
			return t
		}
	}
	return time.Time{}
}

// checkPeriod emits the two checks on the clock. A date without time, as OB 1.x allows, is
// the start of its day.
func (r *run) checkPeriod(from, until time.Time) {
	start := pass()
	if !from.IsZero() && from.After(r.o.At) {
		start = fail("not-yet", from.Format(time.RFC3339))
	}
	r.emit(CheckValidFrom, start)
	end := pass()
	if !until.IsZero() && r.o.At.After(until) {
		end = fail("expired", until.Format(time.RFC3339))
	}
	r.emit(CheckExpired, end)
}

// checkRecipient emits whether the badge was issued to one of the person's addresses. An
// endorsement is issued to nobody; a badge that names nobody, or its holder by a DID alone,
// cannot be held against addresses.
func (r *run) checkRecipient() {
	c := r.report.Credential
	if r.o.Recipients == nil || c == nil || c.Kind == openbadge.Endorsement {
		r.emit(CheckRecipient, skipped())
		return
	}
	r.emit(CheckRecipient, recipientFinding(c.Recipient, r.o.Recipients).by("OB3 §9.5"))
}

func recipientFinding(who openbadge.Recipient, addresses []string) finding {
	if _, ok := who.Match(addresses); ok {
		return pass()
	}
	masked, comparable := who.Masked(), len(addresses) == 0 || who.Comparable(addresses)
	switch {
	case masked != "" && comparable:
		return fail("recipient", masked)
	case len(who.Identities) > 0 && !comparable:
		return unknown("recipient-type", who.Identities[0].Type)
	case len(who.Identities) > 0:
		return fail("recipient-hidden", "")
	case strings.HasPrefix(who.SubjectID, "did:") && !comparable:
		return unknown("recipient-did", who.SubjectID)
	case who.SubjectID == "":
		return unknown("recipient-none", "")
	}
	return fail("recipient-hidden", "")
}
