package verify

import "time"

// Line is a report as one line of JSON, for scripts: the output of "osier verify --json".
// Absent texts are empty, times are RFC 3339 in UTC.
type Line struct {
	File       string         `json:"file"`
	Verdict    Verdict        `json:"verdict"`
	Kind       string         `json:"kind"`
	OB         string         `json:"ob"`
	Checks     []LineCheck    `json:"checks"`
	Credential LineCredential `json:"credential"`
}

// LineCheck is one named check of a Line.
type LineCheck struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Reason string `json:"reason"`
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
	l := Line{File: file, Verdict: r.Verdict, Kind: string(r.Kind), OB: string(r.OB), Checks: []LineCheck{}}
	for _, c := range r.Checks {
		l.Checks = append(l.Checks, LineCheck{c.Name, c.Result, c.Reason})
	}
	c := r.Credential
	if c == nil {
		return l
	}
	l.Credential = LineCredential{
		ID:       c.ID,
		Name:     c.Name,
		Issuer:   c.Issuer.Name,
		IssuerID: c.Issuer.ID,
		IssuedOn: lineTime(c.IssuedOn),
		Expires:  lineTime(c.Expires),
	}
	l.Credential.Recipient = c.Recipient.SubjectID
	if len(c.Recipient.Identities) > 0 {
		l.Credential.Recipient = c.Recipient.Identities[0].Value
	}
	return l
}

func lineTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
