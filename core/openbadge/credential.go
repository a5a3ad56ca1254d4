// Package openbadge holds the one normal form of a badge credential and reads every
// version of Open Badges into it: 0.5, 1.0, 1.1, 2.0 and 2.1 (hosted or as a JWS) and 3.0
// (Verifiable Credentials 1.1 and 2.0, embedded proof or VC-JWT), with CLR 2.0 and
// endorsements recognised as kinds.
//
// It owns no tables and no events and does no I/O. Reading is tolerant: it takes what is
// there and says nothing about truth; core/openbadge/verify gives the strict verdict.
// Callers: core/openbadge/verify, core/openbadge/issue, core/badge, core/connect.
package openbadge

import "time"

// Version is the version of the Open Badges specification that a credential follows.
type Version string

// The versions that Parse recognises.
const (
	V05   Version = "0.5"
	V10   Version = "1.0"
	V11   Version = "1.1"
	V20   Version = "2.0"
	V21   Version = "2.1"
	V30   Version = "3.0"
	CLR20 Version = "clr-2.0"
)

// Kind says what a credential is about. The empty Kind is a credential that is no badge.
type Kind string

// The kinds that a passport keeps.
const (
	Badge       Kind = "badge"
	Endorsement Kind = "endorsement"
	CLR         Kind = "clr"
)

// Form is how a credential is secured.
type Form string

// The forms of credentials.
const (
	Hosted   Form = "hosted"   // OB2 "HostedBadge": its own address proves it
	JWS      Form = "jws"      // OB2 "SignedBadge": compact JWS around an Assertion
	VCJWT    Form = "vc-jwt"   // OB3 §8.2: JSON Web Token proof format
	Embedded Form = "embedded" // OB3 §8.3: linked data proof inside the JSON
	Unsigned Form = "unsigned" // a 3.0 credential without any proof
)

// Credential is one badge, endorsement or CLR in normal form. Absent texts are empty,
// absent times are zero.
type Credential struct {
	Version   Version
	Kind      Kind
	VCVersion string // version of the VC data model: "", "1.1" or "2.0"
	Form      Form

	ID, Name, Description, Language string
	AchievementID, AchievementType  string
	CriteriaID                      string // http(s) address of the criteria
	CriteriaText                    string // Markdown or plain narrative
	Image                           string // http(s) URL or data: URI of the art

	Issuer    Issuer
	Recipient Recipient

	IssuedOn, Expires time.Time

	Tags       []string
	Alignments []Alignment
	Evidence   []Evidence

	Raw []byte // the credential text exactly as received
}

// Issuer is who signed or hosts the badge. Everything but ID is the issuer's own word.
type Issuer struct {
	ID, Name, URL, Email, Description, Image string
}

// Recipient is who the badge was issued to.
type Recipient struct {
	Identities []Identity
	SubjectID  string // OB3 credentialSubject.id, often a DID
	Name       string
}

// Identity is one way in which the recipient is named: an address, or the hash of one.
type Identity struct {
	Type   string // "email", "url", "telephone" or an OB3 identityType
	Value  string // the address, or "alg$hex" when Hashed
	Salt   string
	Hashed bool
}

// Alignment links an achievement to an entry of an outside framework.
type Alignment struct {
	Name, URL, Framework, Code, Description string
}

// Evidence is one piece of work that the badge rests on.
type Evidence struct {
	ID, Name, Narrative, Genre, Description string
}

// Error says why a credential could not be read.
type Error struct {
	Reason string // machine name, a key below verify.reason in the message catalogue
	Detail string // the field or value meant, may be empty
}

// Error implements error.
func (e *Error) Error() string {
	if e.Detail == "" {
		return e.Reason
	}
	return e.Reason + ": " + e.Detail
}
