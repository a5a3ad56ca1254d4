// Package verify holds a credential against the rules of its version and gives a Report of
// named checks: Open Badges 0.5 to 2.1 hosted or signed, 3.0 with embedded proof or as
// VC-JWT, endorsements and CLR 2.0.
//
// It owns no tables and no events. Everything from outside comes through a Fetcher, so the
// package is pure and a Report is the same for the same payload, clock and documents.
// Callers: core/badge (import and re-verification), core/connect, the verify command.
//
// Two rules stand above the specifications. A key that a credential merely names proves
// nothing: the issuer's own document must list it. And "could not check" is never "invalid",
// nor the reverse (see verdictOf).
package verify

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// Result is the outcome of one check.
type Result string

// The outcomes of a check.
const (
	Pass    Result = "pass"
	Fail    Result = "fail"
	Unknown Result = "unknown" // could not be checked
	Skipped Result = "skipped" // not asked for, or pointless after an earlier failure
)

// The names of the checks, in the order in which they are made. The last five appear only
// where they apply.
const (
	CheckFormat      = "format"
	CheckProof       = "proof" // signature, or hosting for hosted badges
	CheckKey         = "key"   // the key, or the hosting address, belongs to the issuer
	CheckRefresh     = "refresh"
	CheckSchema      = "schema"
	CheckValidFrom   = "valid-from"
	CheckExpired     = "expired" // passes when not expired
	CheckRevoked     = "revoked" // passes when neither revoked nor suspended
	CheckEndorsement = "endorsement"
	CheckImage       = "image"       // of the class, OB 1.x and 2.0
	CheckCredentials = "credentials" // the badges inside a CLR
	CheckRecipient   = "recipient"
)

// Step is one named check with its outcome. Reason is a machine name with a sentence at
// verify.reason.<reason> in the message catalogue, Detail the value that goes into it.
type Step struct {
	Name   string
	Result Result
	Reason string // empty on pass
	Detail string
	Spec   string // the rule, such as "OB3 §8.2"

	// Warning is the reason, in the words of Reason, for which a check that passed deserves a
	// second look, such as an issuer without https. By is who made an endorsement, Said what
	// it says: Markdown of a stranger's.
	Warning string `json:",omitempty"`
	By      string `json:",omitempty"`
	Said    string `json:",omitempty"`

	// At is the clock that the check went by, which is that of the report. Documents are the
	// addresses of the documents that it read, in the order of reading.
	At        time.Time `json:",omitzero"`
	Documents []string  `json:",omitempty"`
}

// Options steers a Check.
type Options struct {
	At      time.Time // the clock; zero is the time of the call
	Fetcher Fetcher   // nil: nothing can be fetched
	// Earlier tells of a badge that was issued to none of Recipients whether its
	// recipient is a name that the person had before, and when (it becomes the
	// detail of a warning); nil knows of none.
	Earlier    func(*openbadge.Credential) (period string, ok bool)
	Recipients []string // e-mail addresses, DIDs and profile URLs of the person, see openbadge.KindOfName; nil skips the recipient check
	OnCheck    func(Step)
	Lists      *Lists // status lists kept from Check to Check; nil: none

	// OwnCopy takes a hosted badge that the Fetcher has no answer for as what its own address
	// answers, with the warning "own-copy". It is for documents that stand in place of the
	// network, where the badge at hand is one of them; never for badges of strangers.
	OwnCopy bool
}

func (o Options) filled() Options {
	if o.At.IsZero() {
		o.At = time.Now()
	}
	o.At = o.At.UTC()
	return o
}

// UsedDocument is a document that the Report rests on. Its body is kept out of JSON: the
// hash stands for it.
type UsedDocument struct {
	URL    string
	SHA256 string // of its body, lower-case hex
	At     time.Time
	Role   string // what it was read for, one of the Role constants
	Body   []byte `json:"-"` // as received, never changed after
}

// The roles of documents. One that serves several purposes has the first of them; what an
// endorsement, a status list or a badge inside a CLR leads to has the role of these.
const (
	RoleAssertion   = "assertion" // the credential itself, at its own address
	RoleClass       = "class"
	RoleIssuer      = "issuer" // Profile, DID document or controller document
	RoleKey         = "key"    // key set, PEM file, verification method
	RoleRefresh     = "refresh"
	RoleSchema      = "schema"
	RoleStatus      = "status" // revocation or status list
	RoleEndorsement = "endorsement"
	RoleImage       = "image"       // its Body is not kept
	RoleCredentials = "credentials" // of the badges inside a CLR
)

// UsedKey is a key whose signature counted for the credential itself.
type UsedKey struct {
	Issuer     string // who lists the key
	ID         string // its verification method, key id or address; may be empty for a JWT
	Thumbprint string // RFC 7638, SHA-256, base64url without padding
}

// Report is the outcome of all checks.
type Report struct {
	Verdict    Verdict
	Kind       openbadge.Kind
	OB         openbadge.Version
	Checks     []Step
	Credential *openbadge.Credential // with class and issuer filled in; nil when unreadable
	Documents  []UsedDocument
	Keys       []UsedKey // empty unless a signature was good and its key the issuer's
	At         time.Time
}

// reasonOther is the warning on a credential that is no badge.
const reasonOther = "other-credential"

// Check verifies a payload: JSON text, a compact JWS or an http(s) address, as bake.Extract
// gives it. It never panics and never errs: what goes wrong is a failed or unknown check.
func Check(ctx context.Context, payload []byte, o Options) Report {
	r := newRun(o.filled())
	r.payload(ctx, payload)
	r.finish()
	return r.end()
}
