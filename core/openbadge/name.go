package openbadge

import "strings"

// NameKind is what sort of name a person gives for themselves.
type NameKind string

// The kinds of names. A name says its kind itself: see KindOfName.
const (
	NameEmail NameKind = "email"
	NameDID   NameKind = "did"
	NameURL   NameKind = "url"
	NamePhone NameKind = "telephone"
	NameOther NameKind = "" // a number or code of some register
)

// KindOfName tells e-mail addresses ("a@b.example", with or without "mailto:"), DIDs, profile
// addresses (http or https) and telephone numbers ("tel:" or a plus and digits) apart.
func KindOfName(name string) NameKind {
	s := strings.ToLower(strings.TrimSpace(name))
	switch {
	case strings.HasPrefix(s, "did:"):
		return NameDID
	case strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "http://"):
		return NameURL
	case strings.HasPrefix(s, "tel:"), strings.HasPrefix(s, "+") && strings.Trim(s, "+0123456789 -()") == "":
		return NamePhone
	case strings.Contains(s, "@"):
		return NameEmail
	}
	return NameOther
}

// kind is the kind of name that an identity holds, by its type: "email", "url" and
// "telephone" in OB2 (§IdentityObject), one of the list of OB3 §B.10.2 IdentifierTypeEnum
// ("emailAddress", "identifier", ...) or an extension of it ("ext:did"). An identity without
// a type is an e-mail address, as it was in OB 0.5.
func (i Identity) kind() NameKind {
	t := strings.ToLower(i.Type)
	t = t[strings.LastIndexAny(t, ":/#")+1:]
	switch t {
	case "", "email", "emailaddress":
		return NameEmail
	case "did":
		return NameDID
	case "url", "id":
		return NameURL
	case "telephone", "phone":
		return NamePhone
	}
	return NameOther
}

// holds reports whether an identity of this type may hold a name of the kind. "identifier"
// and the account types of OB3 hold DIDs and addresses too; nothing but an e-mail type holds
// an e-mail address. A name of no known kind is held against every type.
func (i Identity) holds(k NameKind) bool {
	own := i.kind()
	switch {
	case own == k, k == NameOther:
		return true
	case own == NameEmail, k == NameEmail:
		return false
	}
	return own == NameOther || own == NameURL && k == NameDID
}
