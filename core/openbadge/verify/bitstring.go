package verify

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
)

const maxListBytes = 8 << 20 // 67 million entries

const (
	// minListBits is the length that keeps a look-up from betraying the holder (Bitstring
	// Status List §2.2, StatusList2021 §5.1: 16 KB). Lists of 100,000, the default of the
	// libraries of many issuers, are below it: they are read, since what they say of the badge
	// is as true, and the check carries a warning. Shorter ones are refused.
	minListBits   = 131_072
	leastListBits = 100_000
)

// statusList looks one credential up in a status list credential (Bitstring Status List
// §3.2 "Validate Algorithm"; StatusList2021 is the same without the multibase letter).
func (r *run) statusList(ctx context.Context, entry map[string]any, bitstring bool) finding {
	index, ok := intOf(entry["statusListIndex"])
	if !ok || index < 0 {
		return fail("status-index", "")
	}
	purpose := asString(entry["statusPurpose"])
	if purpose == "" {
		return fail("status-purpose", "") // required of entry and list (§2.1, §2.2): nothing may be assumed
	}
	address := asString(entry["statusListCredential"])
	size, ok := statusSize(entry)
	if !ok {
		return fail("status-size", "")
	}
	subject, f := r.listSubject(ctx, address, bitstring)
	if !f.ok() {
		return f
	}
	if !containsText(asList(subject["statusPurpose"]), purpose) {
		return fail("status-purpose", purpose)
	}
	bits, f := r.expandList(ctx, asString(subject["encodedList"]), bitstring)
	if !f.ok() {
		return f
	}
	value, ok := valueAt(bits, index, size)
	if !ok {
		return fail("status-range", strconv.FormatInt(index, 10))
	}
	out := purposeFinding(purpose, value, entry)
	if out == pass() && len(bits)*8 < minListBits {
		return warn("status-list-length", strconv.Itoa(len(bits)*8))
	}
	return out
}

func statusSize(entry map[string]any) (int64, bool) {
	if entry["statusSize"] == nil {
		return 1, true
	}
	n, ok := intOf(entry["statusSize"])
	return n, ok && n >= 1 && n <= 32
}

// purposeFinding reads the value: revocation is for good, suspension for now, other
// purposes do not bear on validity.
func purposeFinding(purpose string, value uint64, entry map[string]any) finding {
	switch {
	case value == 0:
		return pass()
	case purpose == "revocation":
		return fail(reasonRevoked, "")
	case purpose == "suspension":
		return fail(reasonSuspended, "")
	case purpose == "message":
		return finding{Result: Pass, Detail: statusMessage(entry, value)}
	}
	return pass()
}

func statusMessage(entry map[string]any, value uint64) string {
	for _, v := range asList(entry["statusMessage"]) {
		m := asObject(v)
		n, err := strconv.ParseUint(strings.TrimPrefix(asString(m["status"]), "0x"), 16, 64)
		if err == nil && n == value {
			return asString(m["message"])
		}
	}
	return ""
}

// listSubject gets the list credential, checks its proof, its type and its period, and
// returns its subject.
func (r *run) listSubject(ctx context.Context, address string, bitstring bool) (map[string]any, finding) {
	if !isWeb(address) {
		return nil, unknown("bad-address", "statusListCredential")
	}
	r.keptStatus(address)
	doc, f := r.fetch(ctx, RoleStatus, address)
	if !f.ok() {
		return nil, f
	}
	e, err := openbadge.Open(doc.Body)
	if err != nil || !e.Root.Exists() {
		return nil, unknown("document-unreadable", address)
	}
	if f := r.listProved(ctx, e); !f.ok() {
		return nil, f
	}
	credType, subjectType := "StatusList2021Credential", "StatusList2021"
	if bitstring {
		credType, subjectType = "BitstringStatusListCredential", "BitstringStatusList"
	}
	subjects := asList(e.Doc()["credentialSubject"])
	subject := asObject(firstOfList(subjects))
	if len(subjects) != 1 || !hasType(e.Doc(), credType) || !hasType(subject, subjectType) {
		return nil, fail("status-list-type", address)
	}
	c, err := e.Credential() // its dates may be claims of a token
	if err != nil {
		return nil, fail("status-list-type", address)
	}
	end := c.Expires
	if c.IssuedOn.After(r.o.At.Add(maxSkew)) || !end.IsZero() && r.o.At.After(end) {
		return nil, fail("status-list-period", address)
	}
	if _, kept := r.o.Lists.get(address, r.o.At); !kept {
		r.o.Lists.put(address, doc, r.o.At, keepUntil(subject, r.o.At, end))
	}
	return subject, pass()
}

func firstOfList(v any) any {
	if l := asList(v); len(l) > 0 {
		return l[0]
	}
	return nil
}

// listProved checks the proof of a list. It may have another issuer than the badge: the
// signed badge points to it, and the list's own issuer must have signed it.
func (r *run) listProved(ctx context.Context, e *openbadge.Envelope) finding {
	s := r.sub(e, RoleStatus)
	if f := s.checkLinkedData(ctx, e); !f.ok() {
		return f
	}
	proof, key := s.secured(ctx, e)
	f := worst(proof, key)
	if f.Result == Fail {
		return fail("status-list-proof", f.Reason)
	}
	return f
}

// expandList decodes encodedList: base64url and GZIP, for Bitstring lists behind the
// multibase letter "u".
func (r *run) expandList(ctx context.Context, s string, bitstring bool) ([]byte, finding) {
	if bitstring {
		rest, ok := strings.CutPrefix(s, "u")
		if !ok {
			return nil, fail("status-list-data", "")
		}
		s = rest
	}
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, fail("status-list-data", "")
	}
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fail("status-list-data", "")
	}
	bits, f := r.inflate(ctx, zr)
	if !f.ok() {
		return nil, f
	}
	if len(bits)*8 < leastListBits {
		return nil, fail("status-list-length", strconv.Itoa(len(bits)*8))
	}
	return bits, pass()
}

// inflate reads a status list piece by piece, within the work of the Check.
func (r *run) inflate(ctx context.Context, zr io.Reader) ([]byte, finding) {
	most := min(maxListBytes, r.docs.work.inflated)
	var out []byte
	for piece := make([]byte, 64<<10); ; {
		n, err := zr.Read(piece)
		out = append(out, piece[:n]...)
		switch {
		case ctx.Err() != nil:
			return nil, unknown("timeout", "")
		case len(out) > most:
			r.docs.work.inflated = 0
			return nil, fail("status-list-data", "")
		case errors.Is(err, io.EOF):
			r.docs.work.inflated -= len(out)
			return out, pass()
		case err != nil:
			return nil, fail("status-list-data", "")
		}
	}
}

// valueAt reads the entry at the index: size bits, the most significant first.
func valueAt(bits []byte, index, size int64) (uint64, bool) {
	total := int64(len(bits)) * 8
	if index >= total/size {
		return 0, false
	}
	var v uint64
	for i := range size {
		at := index*size + i
		v = v<<1 | uint64(bits[at/8]>>(7-at%8)&1)
	}
	return v, true
}
