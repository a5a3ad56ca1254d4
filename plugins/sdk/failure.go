package sdk

import (
	"cmp"
	"errors"
	"time"
)

// Code says what a [Failure] means for the share.
type Code string

// The codes. What the host does with each is in brackets.
const (
	Retry      Code = "RETRY"      // surely not posted, try later (tries again by itself, with the same key)
	Reauth     Code = "REAUTH"     // the token is not taken (refreshes it once, else asks the person to connect again)
	Rejected   Code = "REJECTED"   // this item will never be taken (ends, and shows the words)
	Disconnect Code = "DISCONNECT" // the remote shut the passport or the person out (removes the account)
	Uncertain  Code = "UNCERTAIN"  // the request left and the answer is lost (looks with Resume, else asks the person; never repeats blindly)
)

// Failure is the answer that something could not be done. It is an error, so that
// a function of a [Target] returns it as one. Any other error that such a function
// returns is taken for Rejected with its words, or for Uncertain when its context
// had ended.
type Failure struct {
	Code   Code
	Key    string        // of a text "failure.KEY" of the plugin; may be empty
	Detail string        // plain text for people, at most 300 characters; no secret
	After  time.Duration // how long to wait before the next try, when the remote said
}

// Error gives the code and the detail.
func (f Failure) Error() string { return string(f.Code) + ": " + cmp.Or(f.Detail, f.Key, "no detail") }

// CodeOf gives the code of the Failure that err is or wraps, else "".
func CodeOf(err error) Code {
	var f Failure
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
