package account

// Joined is published when a person gets an account.
type Joined struct{ Person int64 }

// AddressConfirmed is published when an address became a person's own.
type AddressConfirmed struct {
	Person  int64
	Address string
}

// Removed is published when a person's account has been erased, in the
// transaction that erases it.
type Removed struct {
	Person   int64
	PublicID string
}
