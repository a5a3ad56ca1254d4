package verify

import (
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// Line is a report as one line of JSON, for scripts: the output of "osier verify --json".
// Absent texts are empty, times are RFC 3339 in UTC. Fields may be added, none goes away.
type Line struct {
	File       string         `json:"file"`
	Verdict    Verdict        `json:"verdict"`
	Kind       string         `json:"kind"`
	OB         string         `json:"ob"`
	Checks     []LineCheck    `json:"checks"`
	Credential LineCredential `json:"credential"`
	At         string         `json:"at"` // the clock of all checks
	Documents  []LineDocument `json:"documents,omitempty"`
	Keys       []LineKey      `json:"keys,omitempty"`
}

// LineCheck is one named check of a Line.
type LineCheck struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Reason string `json:"reason"`

	Detail    string   `json:"detail,omitempty"`
	Spec      string   `json:"spec,omitempty"`
	Warning   string   `json:"warning,omitempty"`
	By        string   `json:"by,omitempty"`        // who made an endorsement
	Documents []string `json:"documents,omitempty"` // addresses
}

// LineDocument is one document that the report rests on.
type LineDocument struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
	Role   string `json:"role"`
}

// LineKey is a key whose signature counted.
type LineKey struct {
	Issuer     string `json:"issuer"`
	ID         string `json:"id"`
	Thumbprint string `json:"thumbprint"`
}

// LineCredential is what the credential says of itself.
type LineCredential struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Issuer    string `json:"issuer"`
	IssuerID  string `json:"issuerId"`
	IssuedOn  string `json:"issuedOn"`
	Expires   string `json:"expires"`
	Recipient string `json:"recipient"`
}

// Line gives the report of a file as one line for scripts.
func (r Report) Line(file string) Line {
	l := Line{
		File: file, Verdict: r.Verdict, Kind: string(r.Kind), OB: string(r.OB),
		Checks: []LineCheck{}, At: lineTime(r.At),
	}
	for _, c := range r.Checks {
		l.Checks = append(l.Checks, LineCheck{c.Name, c.Result, c.Reason, c.Detail, c.Spec, c.Warning, c.By, c.Documents})
	}
	for _, d := range r.Documents {
		l.Documents = append(l.Documents, LineDocument{d.URL, d.SHA256, d.Role})
	}
	for _, k := range r.Keys {
		l.Keys = append(l.Keys, LineKey(k))
	}
	if r.Credential != nil {
		l.Credential = lineCredential(r.Credential)
	}
	return l
}

func lineCredential(c *openbadge.Credential) LineCredential {
	l := LineCredential{
		ID:       c.ID,
		Name:     c.Name,
		Issuer:   c.Issuer.Name,
		IssuerID: c.Issuer.ID,
		IssuedOn: lineTime(c.IssuedOn),
		Expires:  lineTime(c.Expires),
	}
	l.Recipient = c.Recipient.SubjectID
	if len(c.Recipient.Identities) > 0 {
		l.Recipient = c.Recipient.Identities[0].Value
	}
	return l
}

func lineTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
