package openbadge

import (
	"crypto/md5"  //nolint:gosec // OB1 and OB2 identities may be hashed with it; nothing rests on its strength
	"crypto/sha1" //nolint:gosec // as above, legacy data only
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
	"strings"
)

// hasherOf returns the hash named before the "$" of a hashed identity (OB2 §IdentityHash,
// OB3 §B.10.3). ok is false for a hash that no specification names.
func hasherOf(alg string) (hash.Hash, bool) {
	switch strings.ToLower(alg) {
	case "sha256":
		return sha256.New(), true
	case "md5":
		return md5.New(), true //nolint:gosec // see import
	case "sha1":
		return sha1.New(), true //nolint:gosec // see import
	case "sha512":
		return sha512.New(), true
	}
	return nil, false
}

// WellFormed reports whether a hashed identity has a known algorithm and a digest of the
// right length, and whether a plain one is not empty.
func (i Identity) WellFormed() bool {
	if !i.Hashed {
		return i.Value != ""
	}
	alg, digest, _ := strings.Cut(i.Value, "$")
	size := sizeOf(alg)
	return size > 0 && len(digest) == hex.EncodedLen(size) && isHex(digest)
}

// sizeOf is the number of bytes of a hash that hasherOf knows, 0 for another.
func sizeOf(alg string) int {
	switch strings.ToLower(alg) {
	case "sha256":
		return sha256.Size
	case "md5":
		return md5.Size
	case "sha1":
		return sha1.Size
	case "sha512":
		return sha512.Size
	}
	return 0
}

func isHex(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// Match reports whether the badge was issued to one of the names of a person (e-mail
// addresses, DIDs, profile addresses, telephone numbers: see KindOfName) and returns that
// name as the caller spelled it. A name is held against identities of its own kind only (OB3
// §B.10.2, OB2 §IdentityObject "type"). An e-mail address is tried as typed and in lower case,
// since issuers hash their own spelling.
func (r Recipient) Match(addresses []string) (matched string, ok bool) {
	for _, a := range addresses {
		typed := strings.TrimSpace(a)
		if r.matchOne(typed) || folds(typed) && r.matchOne(strings.ToLower(typed)) {
			return a, true
		}
	}
	return "", false
}

// folds reports whether the case of a name makes no difference: in DIDs and web addresses it
// does.
func folds(name string) bool {
	k := KindOfName(name)
	return k != NameDID && k != NameURL
}

func (r Recipient) matchOne(address string) bool {
	if address == "" {
		return false
	}
	kind := KindOfName(address)
	if slices.ContainsFunc(r.Identities, func(i Identity) bool { return i.holds(kind) && i.matches(address) }) {
		return true
	}
	return r.SubjectID != "" && (r.SubjectID == address || strings.EqualFold(r.SubjectID, "mailto:"+address))
}

func (i Identity) matches(address string) bool {
	if !i.Hashed {
		return i.equals(address)
	}
	alg, digest, _ := strings.Cut(i.Value, "$")
	h, ok := hasherOf(alg)
	if !ok {
		return false
	}
	h.Write([]byte(address + i.Salt))
	want := hex.EncodeToString(h.Sum(nil))
	return subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(digest))) == 1
}

// equals compares a plain identity: e-mail addresses whatever their case, DIDs and web
// addresses exactly.
func (i Identity) equals(name string) bool {
	if i.kind() == NameEmail {
		return strings.EqualFold(strings.TrimPrefix(i.Value, "mailto:"), strings.TrimPrefix(name, "mailto:"))
	}
	return i.Value == name
}

// Comparable reports whether any identity, or the subject's own id, could be one of the
// names: with none, no answer is possible.
func (r Recipient) Comparable(names []string) bool {
	for _, n := range names {
		k := KindOfName(n)
		if slices.ContainsFunc(r.Identities, func(i Identity) bool { return i.holds(k) }) {
			return true
		}
		if r.SubjectID != "" && KindOfName(r.SubjectID) == k {
			return true
		}
	}
	return false
}

// Masked returns the first plain e-mail address with all but its first letter hidden
// ("a…@example.org"), or "" when every identity is hashed or none is an address.
func (r Recipient) Masked() string {
	for _, i := range r.Identities {
		if !i.Hashed {
			if m := mask(strings.TrimPrefix(i.Value, "mailto:")); m != "" {
				return m
			}
		}
	}
	return mask(strings.TrimPrefix(r.SubjectID, "mailto:"))
}

func mask(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return ""
	}
	return string([]rune(address[:at])[:1]) + "…" + address[at:]
}

// EqualityKey returns a key that is the same for two copies of one credential
// (OB3 §10.1 "Equality Algorithm": issuer and credential ids, percent-decoded and trimmed).
func EqualityKey(issuerID, credentialID string) string {
	return normalID(issuerID) + "\n" + normalID(credentialID)
}

func normalID(s string) string {
	if d, err := url.PathUnescape(s); err == nil {
		s = d
	}
	return strings.TrimSpace(s)
}
