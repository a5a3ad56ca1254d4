package account

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const (
	codesPerHead = 10
	codeLen      = 12 // characters of 5 bits
	codePurpose  = "account/recovery"
	// codeAlphabet has no letter that is read as another, or as a digit (Crockford's
	// base 32).
	codeAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

// MakeCodes gives a person ten new recovery codes and ends the old ones. They are
// kept as keyed hashes: nobody can show them again.
func (a *Accounts) MakeCodes(ctx context.Context, person int64, device string) ([]string, error) {
	codes := make([]string, codesPerHead)
	for i := range codes {
		codes[i] = newCode()
	}
	err := a.base.Tx(ctx, func(tx *db.Tx) error {
		if err := deleteCodes(ctx, tx, person); err != nil {
			return err
		}
		for _, code := range codes {
			if err := insertCode(ctx, tx, person, a.codeHash(person, code)); err != nil {
				return err
			}
		}
		return a.Tell(ctx, tx, person, Notice{What: CodesMade, Device: device})
	})
	return codes, err
}

// newCode is 60 random bits, as xxxx-xxxx-xxxx.
func newCode() string {
	raw := make([]byte, codeLen)
	rand.Read(raw)
	var out strings.Builder
	for i, b := range raw {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(codeAlphabet[b%32])
	}
	return out.String()
}

// codeHash is what is kept of a code, however it is typed: in capitals, with
// spaces, with the letters that look like digits.
func (a *Accounts) codeHash(person int64, code string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == 'o':
			return '0'
		case r == 'i' || r == 'l':
			return '1'
		case strings.ContainsRune(codeAlphabet, r):
			return r
		}
		return -1
	}, strings.ToLower(cutTo(code, 100)))
	return a.keys.MAC(codePurpose, []byte(number(int(person))+"\x00"+plain))
}

// EnterByCode finds the person whose handle or address this is and whose recovery
// code it is, and uses the code up. Unknown names and wrong codes get one and the
// same fault after the same work. The person is told by mail.
func (a *Accounts) EnterByCode(ctx context.Context, name, code, device string) (Person, error) {
	p, err := a.named(ctx, strings.TrimSpace(name))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return Person{}, err
	}
	err = a.takeCode(ctx, p.ID, code, device)
	if errors.Is(err, db.ErrNotFound) {
		return Person{}, fault.New(fault.Invalid, "account.error.code")
	}
	if err == nil && p.Disabled {
		err = errDisabled()
	}
	return p, err
}

// CheckCode uses a recovery code up as a fresh proof of identity. It returns
// FieldErrors (code) for a wrong one, and a fault Forbidden where one provider alone
// signs people in.
func (a *Accounts) CheckCode(ctx context.Context, person int64, code, device string) error {
	if only, ok := a.OnlyProvider(); ok {
		return errOnly(only)
	}
	err := a.takeCode(ctx, person, code, device)
	if errors.Is(err, db.ErrNotFound) {
		return FieldErrors{"code": "account.error.code_wrong"}
	}
	return err
}

// takeCode marks a code as used: of several that try, one succeeds. A last code that
// is the only way in stays until its person makes new ones, so that nobody locks
// themselves out by signing in.
func (a *Accounts) takeCode(ctx context.Context, person int64, code, device string) error {
	hash := a.codeHash(person, code)
	return a.base.Tx(ctx, func(tx *db.Tx) error {
		w, err := a.Ways(ctx, tx, person)
		if err != nil {
			return err
		}
		if w.Codes == 1 && w.OnlyCodes() {
			if err := hasCode(ctx, tx, person, hash); err != nil {
				return err
			}
			return a.Tell(ctx, tx, person, Notice{What: CodeUsed, Detail: number(1), Device: device})
		}
		if err := useCode(ctx, tx, person, hash); err != nil {
			return err
		}
		return a.Tell(ctx, tx, person, Notice{What: CodeUsed, Detail: number(w.Codes - 1), Device: device})
	})
}
