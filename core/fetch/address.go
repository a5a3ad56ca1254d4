package fetch

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

const (
	maxURL  = 4096
	maxHost = 253
)

// names maps a host to its ASCII form (UTS #46), so that full-width digits and
// other look-alikes are judged by what they would resolve to.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// Parse reads the address of a document: http or https with a host, without
// credentials. The host comes out in lower-case ASCII, the fragment is dropped.
// Spellings of an IPv4 address other than four decimal numbers are refused.
func Parse(raw string) (*url.URL, error) {
	u, err := parse(raw)
	if err != nil {
		return nil, describe(fmt.Errorf("%w: %w", errBadURL, err), raw)
	}
	return u, nil
}

func parse(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, fmt.Errorf("longer than %d bytes", maxURL)
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return nil, fmt.Errorf("spaces, control characters or backslashes")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("neither http nor https")
	case u.User != nil:
		return nil, fmt.Errorf("user name or password")
	case u.Opaque != "" || u.Host == "":
		return nil, fmt.Errorf("no host")
	}
	host, err := hostName(u.Hostname())
	if err != nil {
		return nil, err
	}
	if u.Host, err = hostPort(host, u.Port(), u.Host); err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func hostPort(host, port, given string) (string, error) {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" {
		if strings.HasSuffix(given, ":") {
			return "", fmt.Errorf("empty port")
		}
		return host, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("no such port")
	}
	return host + ":" + strconv.FormatUint(n, 10), nil
}

// hostName gives an address, or a name in lower-case ASCII without its last dot.
func hostName(s string) (string, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		if a.Zone() != "" {
			return "", fmt.Errorf("address with a zone")
		}
		return a.Unmap().String(), nil
	}
	name, err := names.ToASCII(s)
	if err != nil {
		return "", fmt.Errorf("no host name")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if a, err := netip.ParseAddr(name); err == nil && a.Is4() {
		return a.String(), nil
	}
	if again, err := names.ToASCII(name); err != nil || again != name || !isName(name) {
		return "", fmt.Errorf("no host name")
	}
	return name, nil
}

func isName(s string) bool {
	if s == "" || len(s) > maxHost {
		return false
	}
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return !isNumber(labels[len(labels)-1])
}

// isNumber reports whether a last label makes resolvers read the whole name as
// an IPv4 address (WHATWG URL §3.6, "ends in a number").
func isNumber(label string) bool {
	if strings.Trim(label, "0123456789") == "" {
		return true
	}
	hex, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}

// port is the port that u leads to.
func port(u *url.URL) uint16 {
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return 0
		}
		return uint16(n)
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// splitAddress takes host:port apart as a dialer gets it.
func splitAddress(address string) (string, uint16, error) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, err
	}
	return host, uint16(n), nil
}
