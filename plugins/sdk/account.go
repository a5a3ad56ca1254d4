package sdk

import "time"

// Grant is what lets a plugin act for one person at one remote. It comes with each
// call; keep none.
type Grant struct {
	AccessToken  string            // of OAuth; Client sends it
	Instance     string            // host name of the person's server, for a target that needs one
	AccountID    string            // as Identify gave it; empty while it asks
	Fields       map[string]string // what the person typed for Target.Connect
	DPoPJWK      string            // private key that the token is bound to (JWK, EC P-256); Client makes the proofs
	ClientID     string            // the registration, for revoking
	ClientSecret string
}

// Account is whose grant it is.
type Account struct {
	ID       string // stable; at most 300 characters
	Name     string // as people know it there: "@ada@social.example"
	URL      string // of its page, https; may be empty
	Instance string // the server that keeps the account, when Identify found another one
}

// Posted is what is at the remote now, or, with Pending set, will be.
type Posted struct {
	RemoteID string // by which Retract finds it; at most 500 bytes
	URL      string // where people see it, https; may be empty
	Pending  *Pending
}

// Pending is a share that the remote has taken and not done: Resume is asked later.
type Pending struct {
	State string        // for Resume; at most 4 kB
	After time.Duration // when to ask, from now
}

// Call is what comes with each call for a person beside the item.
type Call struct {
	Grant    Grant
	Settings map[string]string // the administrator's, by the keys of Plugin.Settings
	Options  map[string]string // the person's for this share, by the keys of Target.Options
	Key      string            // idempotency key: the same for each try of one share
	Lang     string            // of the person
	HTTP     *Client           // for this call; it knows the grant
}
