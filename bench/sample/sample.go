// Package sample makes the inputs that the pairs share: one credential of a
// usual size in several forms, and pictures that carry it.
//
// It owns nothing; packages gen and pairs call it.
package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// At is the clock of all samples.
func At() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) }

// Key signs the embedded proofs and the EdDSA tokens.
func Key() issue.Key { return issue.Ed25519FromSeed("osier/bench") }

// Badge is a badge with all that issuers usually write: some 2.7 kB as an OB 3.0
// credential with an embedded proof, 50 quads.
func Badge(issuer string) openbadge.Credential {
	sum := sha256.Sum256([]byte(Address + "salt-7f3a"))
	return openbadge.Credential{
		VCVersion: "2.0", ID: "urn:uuid:0b5b9f7e-5d0c-4f1e-9a57-2f6a1f9be8d1", Language: "en",
		Name:        "Shoreline Survey Leader",
		Description: "Leads a survey of shore birds over a season, keeps the record and teaches the count to two others.",
		Image:       "https://badges.example.org/classes/shoreline-survey-leader.png",

		AchievementID: "https://badges.example.org/classes/shoreline-survey-leader", AchievementType: "Badge",
		CriteriaID:   "https://badges.example.org/classes/shoreline-survey-leader/criteria",
		CriteriaText: "Plan a survey of **at least four** visits, lead each of them, hand in the record and train two people.",
		Issuer: openbadge.Issuer{
			ID: issuer, Name: "Alder Bay National Park", URL: "https://badges.example.org", Email: "badges@example.org",
			Description: "Rangers and volunteers of the bay.", Image: "https://badges.example.org/logo.png",
		},
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{
			{Type: "email", Value: "sha256$" + hex.EncodeToString(sum[:]), Salt: "salt-7f3a", Hashed: true},
		}},
		IssuedOn: At().AddDate(0, -6, 0), Expires: At().AddDate(2, 0, 0),
		Tags: []string{"birds", "fieldwork", "leadership", "teaching"},
		Alignments: []openbadge.Alignment{
			{Name: "Biodiversity monitoring", URL: "https://skills.example.org/bio-12", Framework: "Field Skills", Code: "BIO-12", Description: "Designs and runs a monitoring scheme."},
			{Name: "Group leadership", URL: "https://skills.example.org/lead-3", Framework: "Field Skills", Code: "LEAD-3", Description: "Leads a group outdoors with care."},
		},
		Evidence: []openbadge.Evidence{
			{ID: "https://survey.example.org/2026/alder-bay", Name: "Record of the season", Narrative: "Four visits, 31 species.", Genre: "Report"},
		},
	}
}

// Embedded is the badge with an eddsa-rdfc-2022 proof by a did:key.
func Embedded(ctx context.Context) ([]byte, error) {
	k := Key()
	return k.Embed(ctx, issue.Credential3(Badge(k.DIDKey())), issue.Proof{
		Method: k.DIDKey() + "#" + k.Multibase(), Created: At().AddDate(0, -6, 0),
	})
}

// Address is the one that the badge was issued to.
const Address = "ada@example.org"

// Numbered is Embedded with an identifier of its own.
func Numbered(ctx context.Context, n int64) ([]byte, error) {
	k := Key()
	c := Badge(k.DIDKey())
	c.ID = fmt.Sprintf("urn:uuid:0b5b9f7e-5d0c-4f1e-9a57-%012d", n)
	return k.Embed(ctx, issue.Credential3(c), issue.Proof{Method: k.DIDKey() + "#" + k.Multibase(), Created: At().AddDate(0, -6, 0)})
}

// Full is a badge with all that OB 3.0 has for results: some 6 kB, 170 quads,
// lists, and blank nodes that only Hash N-Degree Quads tells apart.
func Full(ctx context.Context) ([]byte, error) {
	k := Key()
	doc := issue.Credential3(Badge(k.DIDKey()))
	subject, _ := doc["credentialSubject"].(map[string]any)
	achievement, _ := subject["achievement"].(map[string]any)
	var descriptions, results []any
	for i, name := range []string{"Planning", "Counting", "Teaching", "Record"} {
		id := fmt.Sprintf("urn:uuid:6f2d3c1e-0000-4000-8000-%012d", i)
		var levels []any
		for l, level := range []string{"Begun", "Practised", "Mastered"} {
			levels = append(levels, map[string]any{
				"id": fmt.Sprintf("%s#level-%d", id, l), "type": []any{"RubricCriterionLevel"}, "name": level,
				"level": level, "points": fmt.Sprint(l + 1), "description": "Shows that the work is " + level + ".",
			})
		}
		descriptions = append(descriptions, map[string]any{
			"id": id, "type": []any{"ResultDescription"}, "name": name, "resultType": "RubricCriterionLevel",
			"allowedValue": []any{"Begun", "Practised", "Mastered"}, "requiredValue": "Practised", "rubricCriterionLevel": levels,
		})
		results = append(results, map[string]any{
			"type": []any{"Result"}, "resultDescription": id, "achievedLevel": fmt.Sprintf("%s#level-%d", id, 2), "value": "Mastered",
		})
	}
	achievement["resultDescription"], subject["result"] = descriptions, results
	return k.Embed(ctx, doc, issue.Proof{Method: k.DIDKey() + "#" + k.Multibase(), Created: At().AddDate(0, -6, 0)})
}

// Keys gives a key of each kind that signs tokens: EdDSA, ES256 and RS256.
var Keys = sync.OnceValues(func() ([]issue.Key, error) {
	ec, err := issue.NewEC(256)
	if err != nil {
		return nil, err
	}
	rsa, err := issue.NewRSA()
	return []issue.Key{Key(), ec, rsa}, err
})

// Documents are answers kept in memory.
type Documents map[string][]byte

// Fetch implements verify.Fetcher.
func (d Documents) Fetch(_ context.Context, url string) (verify.Document, error) {
	body, ok := d[url]
	if !ok {
		return verify.Document{}, fmt.Errorf("%w: %s", verify.ErrUnavailable, url)
	}
	return verify.Document{URL: url, FinalURL: url, Status: 200, ContentType: "application/ld+json", Body: body}, nil
}

// Older is the badge in OB 2.0, hosted or, with a key, signed, and the documents
// that lead from it to the issuer.
func Older(k *issue.Key) (payload []byte, docs Documents, err error) {
	const site, key = "https://badges.example.org", "https://badges.example.org/key"
	c := Badge(site + "/issuer")
	c.ID = site + "/badges/1"
	h, err := issue.Hosted2(c)
	if err != nil {
		return nil, nil, err
	}
	docs = Documents{c.ID: h.Assertion, c.AchievementID: h.Class, c.Issuer.ID: h.Issuer}
	if k == nil {
		return h.Assertion, docs, nil
	}
	if docs[c.Issuer.ID], err = issue.JSON(issue.Profile2(c.Issuer, key)); err != nil {
		return nil, nil, err
	}
	if docs[key], err = k.CryptographicKey(key, c.Issuer.ID); err != nil {
		return nil, nil, err
	}
	c.ID = "urn:uuid:0b5b9f7e-5d0c-4f1e-9a57-2f6a1f9be8d2"
	payload, err = k.Signed2(c, key)
	return payload, docs, err
}

// Token is the badge as a VC-JWT whose issuer is its key: did:key for Ed25519,
// did:jwk for RSA.
func Token(k issue.Key) ([]byte, error) {
	did, kid := k.DIDKey(), k.DIDKey()+"#"+k.Multibase()
	if k.Multibase() == "" {
		text, err := json.Marshal(k.JWK())
		if err != nil {
			return nil, err
		}
		did = "did:jwk:" + base64.RawURLEncoding.EncodeToString(text)
		kid = did + "#0"
	}
	return k.Token(issue.Credential3(Badge(did)), map[string]any{"kid": kid})
}

// PNG is a picture of some 107 kB that carries payload in its last chunk but
// one, below a keyword, so that a reader passes all the others.
func PNG(keyword string, payload []byte) ([]byte, error) { return Picture(190, keyword, payload) }

// noise draws each picture once.
var noise sync.Map // side -> func() ([]byte, error)

func noiseOf(side int) ([]byte, error) {
	f, _ := noise.LoadOrStore(side, sync.OnceValues(func() ([]byte, error) { return draw(side) }))
	once, ok := f.(func() ([]byte, error))
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return once()
}

func draw(side int) ([]byte, error) {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for x := range side {
		for y := range side {
			noise := [3]byte{}
			for i := range noise {
				noise[i] = byte(r.Uint32() & 0xFF)
			}
			img.Set(x, y, color.RGBA{noise[0], noise[1], noise[2], 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("draw noise: %w", err)
	}
	return out.Bytes(), nil
}

// Picture is PNG with a picture of some pixels across.
func Picture(side int, keyword string, payload []byte) ([]byte, error) {
	file, err := noiseOf(side)
	if err != nil {
		return nil, err
	}
	body := append([]byte("iTXt"+keyword+"\x00\x00\x00\x00\x00"), payload...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4)) //nolint:gosec // G115: some kB
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	end := len(file) - 12
	return append(append(bytes.Clone(file[:end]), chunk...), file[end:]...), nil
}

// SVG is a drawing of some 22 kB that carries payload at its end.
func SVG(payload []byte) []byte {
	var s strings.Builder
	s.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" viewBox="0 0 512 512">`)
	for i := range 150 {
		fmt.Fprintf(&s, `<g><path fill="#%06x" d="M%d,928.8c0,0,0,40.8,245,40.8c0,0,40.8,0,285.8,0z" stroke-width="2"/></g>`+"\n", i*9999, i)
	}
	fmt.Fprintf(&s, `<openbadges:credential><![CDATA[%s]]></openbadges:credential></svg>`, payload)
	return []byte(s.String())
}
