package sdk

import (
	"cmp"
	"errors"
	"net/http"
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
	Status int           // of HTTP, when it came of an answer; not told to the host
}

// Error gives the code and the detail.
func (f Failure) Error() string { return string(f.Code) + ": " + cmp.Or(f.Detail, f.Key, "no detail") }

// NotPosted is for an error before the request that posts: an upload whose answer
// was lost is surely no post, so that Uncertain becomes Retry. Others stay, as does nil.
func NotPosted(err error) error {
	var f Failure
	if errors.As(err, &f) && f.Code == Uncertain {
		f.Code = Retry
		return f
	}
	return err
}

// Gone is for an error of deleting: what is not there (404, 410) is deleted, so
// that it becomes nil. Others stay.
func Gone(err error) error {
	var f Failure
	if errors.As(err, &f) && (f.Status == http.StatusNotFound || f.Status == http.StatusGone) {
		return nil
	}
	return err
}

// CodeOf gives the code of the Failure that err is or wraps, else "".
func CodeOf(err error) Code {
	if f, ok := errors.AsType[Failure](err); ok {
		return f.Code
	}
	return ""
}
