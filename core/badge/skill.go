package badge

import (
	"net/url"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
)

// The frameworks that skills are told apart by. A skill of another framework is
// SchemeOther, and a plain tag SchemeTag.
const (
	SchemeESCO  = "esco" // European Skills, Competences, Qualifications and Occupations
	SchemeCASE  = "case" // 1EdTech Competencies and Academic Standards Exchange
	SchemeCTDL  = "ctdl" // Credential Transparency Description Language
	SchemeOther = "other"
	SchemeTag   = "tag"
)

// SkillScheme says which framework an alignment belongs to, by its address or by
// the name that its issuer gives the framework.
func SkillScheme(a openbadge.Alignment) string {
	at, name := strings.ToLower(a.URL), " "+db.Fold(a.Framework)+" "
	switch {
	case strings.Contains(at, "data.europa.eu/esco/"), strings.Contains(name, " esco "):
		return SchemeESCO
	case strings.Contains(at, "/ims/case/"), strings.Contains(name, " case "):
		return SchemeCASE
	case strings.Contains(at, "credentialengineregistry.org/"), strings.Contains(name, " ctdl "), strings.Contains(name, " credential engine "):
		return SchemeCTDL
	}
	return SchemeOther
}

// SkillKey is what makes two alignments the same skill: the address, else the
// framework with the code or the name. It is "" for an alignment without a name.
func SkillKey(a openbadge.Alignment) string {
	if strings.TrimSpace(a.Name) == "" {
		return ""
	}
	if u, err := url.Parse(strings.TrimSpace(a.URL)); err == nil && u.Host != "" {
		u.Scheme, u.Host = "https", strings.ToLower(u.Host)
		return strings.TrimSuffix(u.String(), "/")
	}
	code := a.Code
	if code == "" {
		code = a.Name
	}
	return db.Fold(strings.TrimSpace(a.Framework)) + "|" + db.Fold(strings.TrimSpace(code))
}
