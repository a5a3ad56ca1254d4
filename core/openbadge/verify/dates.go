package verify

import (
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// checkIdentifiers wants absolute addresses where the credential names itself.
func checkIdentifiers(e *openbadge.Envelope) finding {
	id := e.Root.Get("id")
	if !id.Exists() {
		return pass()
	}
	if !isIRI(id.Text()) || isDangerous(id.Text()) {
		return fail("bad-address", "id")
	}
	return pass()
}

// checkDates wants readable dates with a zone (OB3 "DateTimeZ"), a start (VC 1.1 §4.6
// issuanceDate, OB3 §B.1.1 validFrom, which in VC 2.0 no issuanceDate stands for), and no end
// before it.
func checkDates(e *openbadge.Envelope) finding {
	for _, name := range []string{"validFrom", "issuanceDate", "validUntil", "expirationDate", "awardedDate"} {
		v := e.Root.Get(name)
		if !v.Exists() {
			continue
		}
		_, zoned, ok := openbadge.TimeOf(v)
		if !ok || !v.IsText() || zoned && !isTimeStamp(v.Text()) {
			return fail("bad-date", name)
		}
		if !zoned {
			return fail("date-zone", name)
		}
	}
	start := firstDate(e.Root, startNames(e.Root)...)
	if start.IsZero() {
		optional := e.Root.Get("@context").First().Text() == vc2Context && !isBadgeOrKin(e.Root) // VC 2.0 §4.9
		if !e.Claims.Get("nbf").Present() && !optional {
			return fail("missing", "validFrom")
		}
		return pass()
	}
	if end := firstDate(e.Root, "validUntil", "expirationDate"); !end.IsZero() && end.Before(start) {
		return fail("dates-order", "")
	}
	return pass()
}

// isTimeStamp reports whether a date with a zone is spelled as XML Schema has it (VC 2.0 §4.9,
// OB3 "DateTimeZ"): with seconds, and a colon in its offset.
func isTimeStamp(s string) bool {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return false
	}
	_, offset := t.Zone()
	return offset >= -widestZone && offset <= widestZone
}

const widestZone = 14 * 60 * 60 // seconds: XML Schema §3.3.7 timezoneFrag

// startNames are the properties that may give the start, by the data model.
func startNames(doc strictjson.Value) []string {
	if doc.Get("@context").First().Text() == vc2Context {
		return starts[:1]
	}
	return starts
}

var starts = []string{"validFrom", "issuanceDate"}

func firstDate(doc strictjson.Value, names ...string) time.Time {
	for _, n := range names {
		if t, _, ok := openbadge.TimeOf(doc.Get(n)); ok {
			return t
		}
	}
	return time.Time{}
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
	f := recipientFinding(c.Recipient, r.o.Recipients)
	if !f.ok() && r.o.Earlier != nil {
		if period, ok := r.o.Earlier(c); ok {
			f = warn("recipient-earlier", period)
		}
	}
	if why, ok := r.unproven(); ok && f.ok() {
		f = why // the text that names the person proves nothing yet
	}
	spec := "OB3 §9.5"
	if c.Version != openbadge.V30 && c.Version != openbadge.CLR20 {
		spec = "OB2 §IdentityObject"
	}
	r.emit(CheckRecipient, f.by(spec))
}

// unproven gives why the proof could not be checked, when it could not.
func (r *run) unproven() (finding, bool) {
	for _, s := range r.report.Checks {
		if s.Name == CheckProof && s.Result == Unknown {
			return unknown(s.Reason, s.Detail), true
		}
	}
	return finding{}, false
}

func recipientFinding(who openbadge.Recipient, addresses []string) finding {
	if _, ok := who.Match(addresses); ok {
		return pass()
	}
	masked, alike := who.Masked(), len(addresses) == 0 || who.Comparable(addresses)
	switch {
	case masked != "" && alike:
		return fail("recipient", masked)
	case len(who.Identities) > 0 && !alike:
		return unknown("recipient-type", who.Identities[0].Type)
	case len(who.Identities) > 0:
		return fail("recipient-hidden", "")
	case strings.HasPrefix(who.SubjectID, "did:") && !alike:
		return unknown("recipient-did", who.SubjectID)
	case who.SubjectID == "":
		return unknown("recipient-none", "")
	}
	return fail("recipient-hidden", "")
}
