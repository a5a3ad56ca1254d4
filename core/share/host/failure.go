package host

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// Code says what a call that did not succeed leaves to do.
type Code string

// The codes. What a plugin answers without one that is known, its crash and its
// silence are Uncertain once it has the request, and Retry before.
const (
	Retry      Code = "retry"      // surely not done; try later with the same key
	Reauth     Code = "reauth"     // the token is not taken
	Rejected   Code = "rejected"   // will never be done
	Disconnect Code = "disconnect" // the remote shut the passport or the person out
	Uncertain  Code = "uncertain"  // done or not done
)

// Failure is how a call to a plugin went wrong.
type Failure struct {
	Code   Code
	Key    string        // of the plugin's text failure.KEY; may be empty
	Detail string        // plain words for people; may be empty
	After  time.Duration // of Retry: not before; 0 when the plugin did not say
	Cause  *fault.Error  // what the host saw itself; nil for an answer of the plugin
}

// Error names the code and what is known.
func (f *Failure) Error() string {
	if f.Cause != nil {
		return fmt.Sprintf("%s: %v", f.Code, f.Cause)
	}
	return fmt.Sprintf("%s: %s %s", f.Code, f.Key, f.Detail)
}

// Unwrap gives what the host saw.
func (f *Failure) Unwrap() error {
	if f.Cause == nil {
		return nil
	}
	return f.Cause
}

// AsFailure finds the Failure in err's chain. Any other error is Retry: the plugin
// was not asked.
func AsFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	why, ok := fault.As(err)
	if !ok {
		why = fault.New(fault.Unavailable, "plugin.error.crashed").Wrap(err)
	}
	return &Failure{Code: Retry, Cause: why, After: why.RetryAfter}
}

var codesOnWire = map[wire.Failure_Code]Code{
	wire.Failure_CODE_RETRY: Retry, wire.Failure_CODE_REAUTH: Reauth, wire.Failure_CODE_REJECTED: Rejected,
	wire.Failure_CODE_DISCONNECT: Disconnect, wire.Failure_CODE_UNCERTAIN: Uncertain,
}

// maxRetryAfter bounds what a plugin may ask us to wait.
const maxRetryAfter = 24 * time.Hour

// failureFrom reads a failure that a plugin answered, nil for none.
func failureFrom(w *wire.Failure) *Failure {
	if w == nil {
		return nil
	}
	f := &Failure{Code: Uncertain, Detail: plainText(w.GetDetail(), maxDetail)}
	if code, known := codesOnWire[w.GetCode()]; known {
		f.Code = code
	}
	if sdk.ValidID(w.GetKey()) || fieldKey().MatchString(w.GetKey()) {
		f.Key = w.GetKey()
	}
	f.After = min(time.Duration(w.GetRetryAfterSeconds())*time.Second, maxRetryAfter)
	return f
}

// broken is the failure of a call whose answer is an RPC error; why is what the
// supervision made of it.
func broken(err error, why *fault.Error) *Failure {
	switch status.Code(err) {
	case codes.Unimplemented, codes.NotFound:
		return &Failure{Code: Rejected, Cause: why}
	default:
		return &Failure{Code: Uncertain, Cause: why}
	}
}
