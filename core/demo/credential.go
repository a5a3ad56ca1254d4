package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// form is how a badge is proven.
type form int

const (
	hosted form = iota + 1 // OB 2.0, by its own address
	signed                 // OB 2.0, as a JWS
	vc2                    // OB 3.0 with an embedded proof, VC 2.0
	vc1                    // OB 3.0 with an embedded proof, VC 1.1
	token                  // OB 3.0 as a VC-JWT
)

func (f form) version() openbadge.Version {
	if f == hosted || f == signed {
		return openbadge.V20
	}
	return openbadge.V30
}

// The carriers: text is JSON or a compact JWS, as the form has it.
const (
	png  = bake.CarrierPNG
	svg  = bake.CarrierSVG
	text = bake.CarrierJSON
)

// recipient is whom a badge is issued to.
type recipient struct {
	address string
	plain   bool // the badge names the address itself, not a hash of it
}

func (r recipient) identity(salt string) openbadge.Identity {
	if r.plain {
		return openbadge.Identity{Type: "email", Value: r.address}
	}
	sum := sha256.Sum256([]byte(r.address + salt))
	return openbadge.Identity{Type: "email", Value: "sha256$" + hex.EncodeToString(sum[:]), Salt: salt, Hashed: true}
}

// classCredential is the part of a badge that all badges of a class share.
func (c *Community) classCredential(k *class) openbadge.Credential {
	language := k.language
	if language == "" {
		language = "en"
	}
	return openbadge.Credential{
		Name: k.name, Description: k.description, Language: language,
		AchievementID: c.site + k.path() + ".json", AchievementType: k.kind,
		CriteriaID: c.site + k.path(), CriteriaText: k.criteria, Image: c.site + k.imagePath(),
		Issuer: c.issuers[k.issuer].Issuer, Tags: k.tags, Alignments: k.alignments,
	}
}

// credential is the badge that was awarded.
func (c *Community) credential(a award) openbadge.Credential {
	k := c.classes[a.class]
	b := c.classCredential(k)
	name := a.key()
	b.ID = urn(name)
	if a.form.version() == openbadge.V20 {
		b.ID = c.base(k.issuer) + "/assertions/" + number(name) + ".json"
	}
	if k.gone {
		b.ID = c.base(k.issuer) + "/archive/" + number(name) + ".json"
	}
	b.VCVersion = "2.0"
	if a.form == vc1 {
		b.VCVersion = "1.1"
	}
	b.IssuedOn = c.started.AddDate(0, -a.months, -int(hash(name)[0]%20)).Truncate(24 * time.Hour).Add(time.Duration(9+hash(name)[1]%8) * time.Hour)
	if k.months > 0 {
		b.Expires = b.IssuedOn.AddDate(0, k.months, 0)
	}
	b.Recipient.Identities = []openbadge.Identity{recipient{a.who + "@" + domain, a.plain}.identity(number("salt/" + name))}
	b.Evidence = a.evidence
	return b
}

func hash(name string) [32]byte { return sha256.Sum256([]byte(name)) }

// urn is a UUID made from a name (RFC 9562 §5.8), the same each time.
func urn(name string) string {
	h := hash(name)
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	s := hex.EncodeToString(h[:16])
	return "urn:uuid:" + s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// number is a short number made from a name.
func number(name string) string {
	h := hash(name)
	return strconv.Itoa(100_000 + (int(h[0])<<16|int(h[1])<<8|int(h[2]))%900_000)
}

// payload proves a badge in the given form.
func (c *Community) payload(ctx context.Context, k *class, b openbadge.Credential, f form) ([]byte, error) {
	i := c.issuers[k.issuer]
	switch f {
	case hosted:
		if k.gone {
			return c.wholeAssertion(b)
		}
		h, err := issue.Hosted2(b)
		return h.Assertion, err
	case signed:
		return i.key.Signed2(b, i.method)
	case vc1, vc2:
		return i.key.Embed(ctx, c.document3(k, b), issue.Proof{Method: i.method, Created: b.IssuedOn})
	}
	return i.key.Token(c.document3(k, b), map[string]any{"kid": i.method})
}

// document3 is the unsigned OB 3.0 badge. The rangers' badges point to their
// list of revoked ones.
func (c *Community) document3(k *class, b openbadge.Credential) map[string]any {
	doc := issue.Credential3(b)
	if k.issuer == rangers {
		doc["credentialStatus"] = map[string]any{"id": c.revocations(), "type": "1EdTechRevocationList"}
	}
	return doc
}

// wholeAssertion is a hosted badge with its class and issuer inside, as the
// library's old server wrote them.
func (c *Community) wholeAssertion(b openbadge.Credential) ([]byte, error) {
	doc := issue.Assertion2(b)
	doc["verification"] = map[string]any{"type": "HostedBadge"}
	badge := issue.Class2(b)
	badge["issuer"] = issue.Profile2(b.Issuer)
	doc["badge"] = badge
	return issue.JSON(doc)
}

// file proves a badge and puts it into its carrier.
func (c *Community) file(ctx context.Context, b openbadge.Credential, f form, in bake.Carrier, k *class) ([]byte, error) {
	payload, err := c.payload(ctx, k, b, f)
	if err != nil {
		return nil, fmt.Errorf("issue %s: %w", k.slug, err)
	}
	switch in {
	case png:
		payload, err = bake.PNG(k.image, string(f.version()), payload)
	case svg:
		payload, err = bake.SVG(k.image, string(f.version()), payload, "")
	}
	if err != nil {
		return nil, fmt.Errorf("bake %s: %w", k.slug, err)
	}
	return payload, nil
}

// extension is the ending of a file in the given form and carrier.
func extension(f form, in bake.Carrier) string {
	switch {
	case in != text:
		return "." + string(in)
	case f == signed || f == token:
		return ".jwt"
	}
	return ".json"
}
