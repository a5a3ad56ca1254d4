package endorse

import "time"

// AskedMail is the data of the mail "endorse-asked", to a member.
type AskedMail struct{ Name, Who, Badge, Issuer, Text, URL string }

// InvitedMail is the data of the mail "endorse-invited", to somebody without an
// account.
type InvitedMail struct {
	Who, Badge, Issuer, Text string

	URL     string // absolute: where they write
	DataURL string // absolute: what is held about them
	Expires time.Time
}

// WrittenMail is the data of the mail "endorse-written", to the holder of a badge.
type WrittenMail struct{ Name, Who, Badge, Text, URL string }

// AcceptedMail is the data of the mail "endorse-accepted", to who wrote it.
type AcceptedMail struct{ Name, Who, Badge, URL string }
