package openbadge

import (
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// readLegacy reads OB 0.5: everything embedded, recipient a string (OB 0.5 "Assertion").
func readLegacy(c *Credential, doc node) {
	c.Kind = Badge
	readLegacyRecipient(c, doc)
	c.IssuedOn = doc.get("issued_on").time()
	c.Expires = doc.get("expires").time()
	readEvidence(c, doc.get("evidence"))
	badge := doc.get("badge").one()
	c.Name = badge.textAt("name", "")
	c.Description = badge.textAt("description", "")
	c.Image = badge.idAt("image")
	c.CriteriaID = badge.idAt("criteria")
	issuer := badge.get("issuer").one()
	c.Issuer = Issuer{
		ID:    issuer.strAt("origin"),
		URL:   issuer.strAt("origin"),
		Name:  issuer.textAt("name", ""),
		Email: issuer.strAt("contact"),
	}
}

func readLegacyRecipient(c *Credential, doc node) {
	value := doc.strAt("recipient")
	if value == "" {
		return
	}
	c.Recipient.Identities = []Identity{{
		Type:   "email",
		Value:  value,
		Salt:   doc.strAt("salt"),
		Hashed: strings.Contains(value, "$"),
	}}
}

// readAssertion reads OB 1.0 to 2.1 (OB2 §Assertion, §Endorsement). Components that are no
// credential (BadgeClass, Profile) keep an empty Kind.
func readAssertion(c *Credential, doc node) {
	c.ID = doc.first("id", "@id").str()
	if c.ID == "" {
		c.ID = doc.first("verify", "verification").one().strAt("url")
	}
	c.IssuedOn = doc.get("issuedOn").time()
	c.Expires = doc.get("expires").time()
	c.Language = doc.get("@language").str()
	switch {
	case doc.hasType("Endorsement"):
		c.Kind = Endorsement
		c.readIssuer(doc.get("issuer"))
		c.Description = doc.get("claim").one().textAt("endorsementComment", c.Language)
	case doc.hasType("Assertion"), len(doc.types()) == 0 && isAssertionShape(doc):
		c.Kind = Badge
		readIdentities(c, doc.get("recipient"), "identity", "type")
		readEvidence(c, doc.get("evidence"))
		c.readNarrative(doc)
		c.Image = doc.idAt("image")
		if badge := doc.get("badge").one(); badge.isObject() {
			c.readClass(badge)
		} else {
			c.AchievementID = badge.str()
		}
	case doc.hasType("BadgeClass"), len(doc.types()) == 0 && !doc.get("criteria").absent():
		c.readClass(doc)
	default:
		c.readProfile(doc)
	}
}

func isAssertionShape(doc node) bool {
	return !doc.first("badge", "recipient").absent() || !doc.first("verify", "verification").absent() ||
		!doc.get("revoked").absent()
}

func (c *Credential) readNarrative(doc node) {
	if n := doc.textAt("narrative", c.Language); n != "" {
		c.Evidence = append([]Evidence{{Narrative: n}}, c.Evidence...)
	}
}

func (c *Credential) readClass(n node) {
	lang := n.get("@language").str()
	if c.Language == "" {
		c.Language = lang
	}
	c.AchievementID = n.first("id", "@id").str()
	c.Name = n.textAt("name", lang)
	c.Description = n.textAt("description", lang)
	if img := n.idAt("image"); img != "" {
		c.Image = img
	}
	c.CriteriaID, c.CriteriaText = readCriteria(n.get("criteria"), lang)
	c.Tags = n.get("tags").strings()
	c.Alignments = readAlignments(n.get("alignment"), lang)
	c.readIssuer(n.get("issuer"))
}

// readIssuer fills in the issuer from an address or an embedded Profile.
func (c *Credential) readIssuer(n node) {
	one := n.one()
	if one.isObject() {
		c.readProfile(one)
		return
	}
	c.Issuer.ID = one.str()
}

func (c *Credential) readProfile(n node) {
	c.Issuer = Issuer{
		ID:          n.first("id", "@id").str(),
		Name:        n.textAt("name", ""),
		URL:         n.idAt("url"),
		Email:       n.strAt("email"),
		Description: n.textAt("description", ""),
		Image:       n.idAt("image"),
	}
}

// WithClass returns the error met while filling the badge class, read from its own address,
// into a partial hosted or signed badge.
func (c *Credential) WithClass(class strictjson.Value) error {
	r := &reader{}
	art := c.Image
	id := c.AchievementID
	c.readClass(node{r, "badge", class})
	if c.Image == "" {
		c.Image = art
	}
	if c.AchievementID == "" {
		c.AchievementID = id
	}
	return r.result()
}

// WithIssuer fills the issuer Profile, read from its own address, into a partial badge.
func (c *Credential) WithIssuer(profile strictjson.Value) error {
	r := &reader{}
	id := c.Issuer.ID
	c.readProfile(node{r, "issuer", profile})
	if id != "" {
		c.Issuer.ID = id
	}
	return r.result()
}

func (r *reader) result() error {
	if r.err != nil {
		return r.err
	}
	return nil
}

func readCriteria(n node, lang string) (id, text string) {
	one := n.one()
	if !one.isObject() {
		return one.str(), ""
	}
	return one.first("id", "@id").str(), one.textAt("narrative", lang)
}

func readAlignments(n node, lang string) []Alignment {
	if n.absent() {
		return nil
	}
	out := make([]Alignment, 0, n.v.Len())
	for a := range n.all {
		if !a.isObject() {
			out = append(out, Alignment{URL: a.str()})
			continue
		}
		out = append(out, Alignment{
			Name:        a.first("targetName", "name").text(lang),
			URL:         a.first("targetUrl", "url").id(),
			Framework:   a.textAt("targetFramework", lang),
			Code:        a.strAt("targetCode"),
			Description: a.first("targetDescription", "description").text(lang),
		})
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func readEvidence(c *Credential, n node) {
	for e := range n.all {
		if !e.isObject() {
			c.Evidence = append(c.Evidence, Evidence{ID: e.str()})
			continue
		}
		c.Evidence = append(c.Evidence, Evidence{
			ID:          e.first("id", "@id").str(),
			Name:        e.textAt("name", c.Language),
			Narrative:   e.textAt("narrative", c.Language),
			Genre:       e.textAt("genre", c.Language),
			Description: e.textAt("description", c.Language),
		})
	}
}

// readIdentities reads IdentityObjects: OB2 names their parts identity and type, OB3
// identityHash and identityType.
func readIdentities(c *Credential, n node, value, kind string) {
	for i := range n.all {
		if !i.isObject() {
			c.Recipient.Identities = append(c.Recipient.Identities, Identity{Type: "email", Value: i.str()})
			continue
		}
		id := Identity{
			Type:   i.strAt(kind),
			Value:  i.strAt(value),
			Salt:   i.strAt("salt"),
			Hashed: i.get("hashed").boolean(),
		}
		c.Recipient.Identities = append(c.Recipient.Identities, id)
	}
}
