package openbadge

import (
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// readVC reads a Verifiable Credential (OB3 §B.1 AchievementCredential, §B.2
// EndorsementCredential, CLR2 §B.1 ClrCredential). Claims of a VC-JWT fill in what the
// credential object leaves out (VC 1.1 §6.3.1 "JWT Decoding").
func readVC(c *Credential, doc node, claims strictjson.Value) {
	c.VCVersion = vcVersion(doc.get("@context"), claims)
	c.Kind = vcKind(doc)
	c.ID = doc.strAt("id")
	c.IssuedOn = laterOf(doc.get("validFrom").time(), doc.get("issuanceDate").time())
	c.Expires = earlierOf(doc.get("validUntil").time(), doc.get("expirationDate").time())
	subject := doc.get("credentialSubject").one()
	achievement := subject.get("achievement").one()
	c.Language = achievement.strAt("inLanguage")
	c.Name = doc.textAt("name", c.Language)
	c.Description = doc.textAt("description", c.Language)
	readVCIssuer(c, doc.get("issuer").one())
	readSubject(c, subject)
	if achievement.isObject() {
		readAchievement(c, achievement)
	} else {
		c.AchievementID = achievement.str()
	}
	if c.Kind == Endorsement && c.Description == "" {
		c.Description = subject.textAt("endorsementComment", c.Language)
	}
	if img := doc.idAt("image"); img != "" {
		c.Image = img
	}
	readEvidence(c, doc.get("evidence"))
	fillFromClaims(c, claims)
}

// laterOf is the later of two times. VC 1.1 has words for dates of its own (§4.6, §4.7) and
// keeps those of VC 2.0 for later: with both, each of them has to hold.
func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// earlierOf is the earlier of two times of which one may be none.
func earlierOf(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func vcKind(doc node) Kind {
	switch {
	case doc.hasType("OpenBadgeCredential", "AchievementCredential"):
		return Badge
	case doc.hasType("EndorsementCredential"):
		return Endorsement
	case doc.hasType("ClrCredential"):
		return CLR
	}
	return ""
}

// vcVersion goes by the first context (OB3 §1.4); a "vc" claim is the 1.1 form of a JWT.
func vcVersion(contexts node, claims strictjson.Value) string {
	first := contexts.one().v.Text()
	switch {
	case strings.HasSuffix(first, "ns/credentials/v2"):
		return "2.0"
	case strings.HasSuffix(first, "2018/credentials/v1"), claims.Get("vc").Present():
		return "1.1"
	}
	return ""
}

func readVCIssuer(c *Credential, n node) {
	if !n.isObject() {
		c.Issuer.ID = n.str()
		return
	}
	c.readProfile(n)
}

func readSubject(c *Credential, n node) {
	if !n.isObject() {
		if !n.absent() {
			n.r.fail("bad-type", n.path)
		}
		return
	}
	c.Recipient.SubjectID = n.strAt("id")
	c.Recipient.Name = n.textAt("name", "")
	readIdentities(c, n.get("identifier"), "identityHash", "identityType")
	for _, i := range c.Recipient.Identities {
		if c.Recipient.Name == "" && i.Type == "name" && !i.Hashed {
			c.Recipient.Name = i.Value
		}
	}
	if t := n.textAt("narrative", c.Language); t != "" {
		c.Evidence = append(c.Evidence, Evidence{Narrative: t})
	}
}

func readAchievement(c *Credential, n node) {
	c.AchievementID = n.strAt("id")
	c.AchievementType = n.strAt("achievementType")
	if name := n.textAt("name", c.Language); name != "" {
		c.Name = name
	}
	if d := n.textAt("description", c.Language); d != "" {
		c.Description = d
	}
	c.Image = n.idAt("image")
	c.CriteriaID, c.CriteriaText = readCriteria(n.get("criteria"), c.Language)
	c.Tags = n.first("tag", "tags").strings()
	c.Alignments = readAlignments(n.get("alignment"), c.Language)
}

func fillFromClaims(c *Credential, claims strictjson.Value) {
	if !claims.Exists() {
		return
	}
	n := node{ignore, "", claims}
	if c.ID == "" {
		c.ID = n.strAt("jti")
	}
	if c.Issuer.ID == "" {
		c.Issuer.ID = n.strAt("iss")
	}
	if c.Recipient.SubjectID == "" {
		c.Recipient.SubjectID = n.strAt("sub")
	}
	if c.IssuedOn.IsZero() {
		c.IssuedOn = n.get("nbf").time()
	}
	if c.Expires.IsZero() {
		c.Expires = n.get("exp").time()
	}
}
