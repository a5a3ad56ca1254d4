// Command train makes the dictionary of package pack: made-up credentials of every
// form that issuers use, and reports of their checks. What real ones have in common
// with them are the words of the standards.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/pack"
)

func main() {
	out := flag.String("o", "dictionary.txt", "file to write")
	flag.Parse()
	if err := run(context.Background(), *out); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// run writes two badges of each form, with the reports of their checks: the first
// has all that a badge can have.
func run(ctx context.Context, out string) error {
	t := trainer{rand: rand.New(rand.NewPCG(7, 7))}
	var all []byte
	for i := range 2 {
		t.full = i == 0
		texts, err := t.sample(ctx)
		if err != nil {
			return err
		}
		all = append(all, bytes.Join(texts, nil)...)
	}
	return os.WriteFile(out, all, 0o600)
}

// trainer makes credentials up.
type trainer struct {
	rand *rand.Rand
	full bool
}

const plainWords = `the of and to in for with on as by is that it from at be this an are or your their learner completed course shows
skill learning project work team group lead plan design practice community open school university digital science data language
teacher training assessment level advanced basic introduction understanding knowledge ability demonstrate earned participants must
complete all modules final exam evidence reflect write present build test health safety first aid programme event workshop member
volunteer award achievement recognised criteria required hours year season national local european framework standard`

func (t *trainer) words(n int) string {
	list := strings.Fields(plainWords)
	var out []string
	for range n {
		w := list[t.rand.IntN(len(list))]
		if t.rand.IntN(9) == 0 {
			w = t.name()
		}
		out = append(out, w)
	}
	s := strings.Join(out, " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

func (t *trainer) name() string {
	parts := []string{"ka", "mo", "ri", "len", "ta", "so", "ver", "din", "el", "na", "ber", "to", "wi", "sa", "ha", "gro"}
	var b strings.Builder
	for range 2 + t.rand.IntN(2) {
		b.WriteString(parts[t.rand.IntN(len(parts))])
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

func (t *trainer) hex(n int) string {
	sum := sha256.Sum256([]byte(t.words(3) + t.name()))
	return hex.EncodeToString(sum[:])[:n]
}

func (t *trainer) uuid() string {
	h := t.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

func (t *trainer) address(path string) string {
	host := strings.ToLower(t.name())
	return []string{"https://" + host + ".org", "https://www." + host + ".com", "https://badges." + host + ".edu"}[t.rand.IntN(3)] + path
}

func (t *trainer) day() time.Time {
	return time.Date(2019+t.rand.IntN(9), time.Month(1+t.rand.IntN(12)), 1+t.rand.IntN(28), t.rand.IntN(24), t.rand.IntN(60), t.rand.IntN(60), 0, time.UTC)
}

func (t *trainer) credential(issuer string) openbadge.Credential {
	class := t.address("/badges/" + t.uuid())
	c := openbadge.Credential{
		VCVersion: "2.0", ID: "urn:uuid:" + t.uuid(), Language: "en", Name: t.words(3), Description: t.words(20), Image: class + "/image.png",
		AchievementID: class, AchievementType: []string{"Badge", "Certificate", "Course", "Competency"}[t.rand.IntN(4)],
		CriteriaID: class + "/criteria", CriteriaText: t.words(25),
		Issuer: openbadge.Issuer{
			ID: issuer, Name: t.words(3), URL: t.address(""), Email: "info@" + strings.ToLower(t.name()) + ".org", Description: t.words(8), Image: t.address("/logo.png"),
		},
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: "sha256$" + t.hex(64), Salt: t.hex(16), Hashed: true}}},
		IssuedOn:  t.day(), Tags: strings.Fields(t.words(4)),
		Alignments: []openbadge.Alignment{{Name: t.words(3), URL: t.address("/skills/" + t.hex(8)), Framework: t.words(2), Code: t.hex(6), Description: t.words(9)}},
	}
	switch {
	case t.full:
		c.Recipient = openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: strings.ToLower(t.name()) + "@" + strings.ToLower(t.name()) + ".com"}}}
	case t.rand.IntN(2) == 0:
		k := issue.Ed25519FromSeed(t.hex(32))
		c.Recipient = openbadge.Recipient{SubjectID: k.DIDKey()}
	}
	if t.full {
		c.Expires = t.day().AddDate(3, 0, 0)
		c.Evidence = []openbadge.Evidence{{ID: t.address("/work/" + t.hex(10)), Name: t.words(3), Narrative: t.words(10), Description: t.words(5), Genre: "Report"}}
	}
	return c
}

// sample gives what is kept of one badge of each form.
func (t *trainer) sample(ctx context.Context) ([][]byte, error) {
	k := issue.Ed25519FromSeed(t.hex(32))
	method := k.DIDKey() + "#" + k.Multibase()
	c := t.credential(k.DIDKey())
	embedded, err := k.Embed(ctx, issue.Credential3(c), issue.Proof{Method: method, Created: c.IssuedOn})
	if err != nil {
		return nil, err
	}
	token, err := k.Token(issue.Credential3(t.credential(k.DIDKey())), map[string]any{"kid": method})
	if err != nil {
		return nil, err
	}
	hosted := t.credential(t.address("/issuer/" + t.hex(8)))
	hosted.ID = t.address("/assertions/" + t.uuid())
	assertion, err := issue.JSON(issue.Assertion2(hosted))
	if err != nil {
		return nil, err
	}
	list := [][]byte{}
	for _, text := range [][]byte{embedded, token, assertion} {
		own, part := pack.Cut(text)
		list = append(list, own)
		list = append(list, part)
		r := verify.Check(ctx, text, verify.Options{At: t.day().Add(time.Duration(t.rand.IntN(1e9)))})
		report, err := json.Marshal(badge.StoredReport{Checks: r.Checks, Documents: r.Documents, Keys: r.Keys})
		if err != nil {
			return nil, err
		}
		list = append(list, report)
	}
	return list, nil
}
