package account

// Joined is published when a person gets an account.
type Joined struct{ Person int64 }

// AddressConfirmed is published when an address became a person's own.
type AddressConfirmed struct {
	Person  int64
	Address string
}

// ProfileChanged is published when a person changed what their profile says, in the
// same transaction.
type ProfileChanged struct{ Person int64 }

// Merged is published when an account became part of another of the same person,
// in the transaction that ends it.
type Merged struct{ From, Into int64 }

// Removed is published when a person's account has been erased, in the
// transaction that erases it.
type Removed struct {
	Person   int64
	PublicID string
}

// SeenByOthers is published when a person begins or ceases to be seen by others:
// the account is disabled or enabled, everything is hidden or shown again, or the
// rules for people under age end. Who keeps counters of what everybody sees
// counts again.
type SeenByOthers struct{ Person int64 }

// Blocked is published when a person blocks another, in the same transaction:
// what the other follows of the person ends.
type Blocked struct{ Person, Other int64 }

// AppsEnded is published when a person signs out everywhere and apps that act for them
// are to end too, in the same transaction.
type AppsEnded struct{ Person int64 }
