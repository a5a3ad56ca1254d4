package account

import "context"

// HashPassword gives the stored form of a secret that people type, for a feature
// that asks for one of its own (argon2id, RFC 9106). Few run at once.
func (a *Accounts) HashPassword(ctx context.Context, password string) (string, error) {
	return a.hasher.hash(ctx, password)
}

// MatchPassword reports whether a password belongs to a stored form of HashPassword.
func (a *Accounts) MatchPassword(ctx context.Context, stored, password string) (bool, error) {
	return a.hasher.matches(ctx, stored, password)
}
