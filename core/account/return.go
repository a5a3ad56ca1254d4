package account

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const gonePurpose = "account/gone-identity"

// identityHash is what is kept of an identity whose account was removed.
func (a *Accounts) identityHash(issuer, subject string) []byte {
	return []byte(a.keys.MAC(gonePurpose, []byte(issuer+"\x00"+subject)))
}

// forgetIdentities keeps the identities of a person who leaves from making an
// account again by a mere sign-in.
func (a *Accounts) forgetIdentities(ctx context.Context, tx *db.Tx, person int64) error {
	list, err := identitiesOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, i := range list {
		if err := insertGone(ctx, tx, a.identityHash(i.Issuer, i.Subject)); err != nil {
			return err
		}
	}
	return nil
}

// comesBack lets an identity whose account was removed make a new one only when
// the person said so. It returns a fault Gone otherwise, with the way to say it.
func (a *Accounts) comesBack(ctx context.Context, tx *db.Tx, v visit, c statement) error {
	hash := a.identityHash(c.Issuer, c.Subject)
	gone, err := isGone(ctx, tx, hash)
	if err != nil || !gone {
		return err
	}
	if !v.Anew {
		return fault.New(fault.Gone, "account.error.oidc.removed").With("provider", c.provider.Name).At("/auth/" + c.provider.ID + "/anew")
	}
	return deleteGone(ctx, tx, hash)
}
