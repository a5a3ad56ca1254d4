// Package fault names the ways a request can go wrong for a person.
//
// Every package returns these errors for what a person can understand and mend;
// any other error is a defect of ours and becomes a 500 with an id. Only
// core/web turns a fault into an answer.
package fault

import (
	"errors"
	"maps"
	"net/http"
	"time"
)

// Kind decides the HTTP status of an error.
type Kind int

// The kinds, each with the status that Status gives.
const (
	Internal      Kind = iota // 500: a defect of ours
	Invalid                   // 422: the input is understood and wrong
	Malformed                 // 400: the input cannot be read at all
	Unauthorized              // 401: sign in first
	Forbidden                 // 403: signed in, not allowed
	NotFound                  // 404: not there, or not for this viewer
	Conflict                  // 409: contradicts what is there
	Gone                      // 410: was there and has been erased
	TooLarge                  // 413: larger than the limit
	Unsupported               // 415: a form of content that is not taken
	Misdirected               // 421: a host name that is not ours
	TooMany                   // 429: slow down
	Unimplemented             // 501: a form of answer that is not given
	Unavailable               // 503: try again later
	Insufficient              // 507: the disk is full
)

var status = map[Kind]int{
	Internal:      http.StatusInternalServerError,
	Invalid:       http.StatusUnprocessableEntity,
	Malformed:     http.StatusBadRequest,
	Unauthorized:  http.StatusUnauthorized,
	Forbidden:     http.StatusForbidden,
	NotFound:      http.StatusNotFound,
	Conflict:      http.StatusConflict,
	Gone:          http.StatusGone,
	TooLarge:      http.StatusRequestEntityTooLarge,
	Unsupported:   http.StatusUnsupportedMediaType,
	Misdirected:   http.StatusMisdirectedRequest,
	TooMany:       http.StatusTooManyRequests,
	Unimplemented: http.StatusNotImplemented,
	Unavailable:   http.StatusServiceUnavailable,
	Insufficient:  http.StatusInsufficientStorage,
}

// Error is an error that a person can read: a kind, a message key of the
// catalogue (also the machine-readable reason) and the values of its sentence.
type Error struct {
	Kind       Kind
	Key        string
	Args       map[string]string
	Link       string        // local path that helps, may be empty
	RetryAfter time.Duration // for TooMany and Unavailable, may be 0
	Err        error         // the cause, for the log only
}

// New makes an error of kind k whose sentence is the message key.
func New(k Kind, key string) *Error { return &Error{Kind: k, Key: key} }

// With returns a copy of e with one more value for its sentence.
func (e *Error) With(name, value string) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = make(map[string]string, 1)
	}
	c.Args[name] = value
	return &c
}

// Wrap returns a copy of e that carries its cause for the log.
func (e *Error) Wrap(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// At returns a copy of e with a local path where the person can go on.
func (e *Error) At(link string) *Error {
	c := *e
	c.Link = link
	return &c
}

// After returns a copy of e that says when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error gives the key, and the cause where there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Key + ": " + e.Err.Error()
	}
	return e.Key
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// As finds the first fault in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	e, ok := As(err)
	return ok && e.Kind == k
}

// Status gives the HTTP status of err: 200 for nil, 500 for an error that is no fault.
func Status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	if e, ok := As(err); ok {
		return status[e.Kind]
	}
	return http.StatusInternalServerError
}
