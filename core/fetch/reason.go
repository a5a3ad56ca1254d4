package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"os"

	"github.com/osier-passport/osier/core/fault"
)

// ErrForbidden is wrapped by errors about addresses that may not be reached.
var ErrForbidden = errors.New("address not allowed")

// ErrUnavailable is wrapped by errors about addresses that gave no usable answer.
var ErrUnavailable = errors.New("no usable answer")

var (
	errBadURL        = errors.New("not a web address")
	errForbiddenPort = errors.New("port not allowed")
	errRedirects     = errors.New("too many redirects")
	errDowngrade     = errors.New("redirect from https to http")
	errTooLarge      = errors.New("answer larger than the limit")
	errEncoded       = errors.New("answer in an encoding that was not asked for")
	errStatus        = errors.New("status without a whole answer")
	errBusy          = errors.New("too many requests to this host")
	errOffline       = errors.New("offline")
	errNotModified   = errors.New("not modified")
)

// reasons in the order in which they are looked for. The message keys are also
// the machine-readable reasons.
var reasons = []struct {
	is  error
	key string
	as  error
}{
	{errBadURL, "fetch.bad_url", ErrForbidden},
	{errForbiddenPort, "fetch.forbidden_port", ErrForbidden},
	{ErrForbidden, "fetch.forbidden", ErrForbidden},
	{errRedirects, "fetch.redirects", ErrUnavailable},
	{errDowngrade, "fetch.downgrade", ErrForbidden},
	{errTooLarge, "fetch.too_large", ErrUnavailable},
	{errEncoded, "fetch.encoded", ErrUnavailable},
	{errStatus, "fetch.status", ErrUnavailable},
	{errBusy, "fetch.busy", ErrUnavailable},
	{errOffline, "fetch.offline", ErrUnavailable},
	{context.DeadlineExceeded, "fetch.timeout", ErrUnavailable},
	{os.ErrDeadlineExceeded, "fetch.timeout", ErrUnavailable},
	{io.ErrUnexpectedEOF, "fetch.cut_off", ErrUnavailable},
}

// describe gives err the words for people. Values are not repeated: an address
// that a stranger wrote appears as its host at most.
func describe(err error, address string) error {
	if _, ok := fault.As(err); ok {
		return err
	}
	key, as := reason(err)
	e := fault.New(fault.Invalid, key).With("host", hostOf(address))
	if errors.Is(err, as) {
		return e.Wrap(err)
	}
	return e.Wrap(errors.Join(as, err))
}

func reason(err error) (string, error) {
	if errors.Is(err, context.Canceled) {
		return "fetch.unavailable", context.Canceled
	}
	for _, r := range reasons {
		if errors.Is(err, r.is) {
			return r.key, r.as
		}
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok && d.IsNotFound {
		return "fetch.no_such_host", ErrUnavailable
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "fetch.certificate", ErrUnavailable
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return "fetch.timeout", ErrUnavailable
	}
	return "fetch.unavailable", ErrUnavailable
}

const maxShown = 100

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := []rune(u.Hostname())
	return string(host[:min(len(host), maxShown)])
}
