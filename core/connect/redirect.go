package connect

import (
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/osier-passport/osier/core/text"
)

const maxAddress = 500 // characters of an address of an app

// privateScheme is a scheme that an app made from a name of its own (RFC 8252 §7.1): with a
// dot, in lower case.
var privateScheme = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$`) })

// redirectFault says in English what keeps an address from being one that answers go
// to, "" for nothing: https, http on the loopback address of the person's own device,
// or a scheme of the app's own.
func redirectFault(s string) string {
	switch u, err := url.Parse(s); {
	case err != nil || len(s) > maxAddress || !plain(s):
		return "it is no address in plain ASCII of at most 500 characters"
	case strings.Contains(s, "#"):
		return "it has a fragment"
	case u.User != nil || u.Opaque != "" || strings.Contains(s, "/../") || strings.Contains(s, "/./"):
		return "it can be read as another address"
	case strings.HasPrefix(s, "https://"):
		if _, ok := text.SafeURL(s); !ok {
			return "it is no safe https address"
		}
	case isLoopback(u) && strings.HasPrefix(s, "http://"):
	case !strings.HasPrefix(s, u.Scheme+":/") || !privateScheme().MatchString(u.Scheme):
		return "write https://..., http://127.0.0.1/... or http://[::1]/... for the person's own device, or a scheme of your own with a dot in it (org.example.app:/...)"
	}
	return ""
}

// plain holds for what has visible ASCII alone and nothing that a browser drops or
// turns round.
func plain(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"<>^`{|}", r) })
}

// isLoopback reports an address of the device itself by number (RFC 8252 §8.3: a name
// may lead elsewhere).
func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && ip != nil && (ip.Equal(net.IPv4(127, 0, 0, 1)) || ip.Equal(net.IPv6loopback))
}

// agrees reports whether answers may go to an address that was asked for: it is one
// of the registered ones, letter by letter (RFC 9700 §2.1). On the person's own device
// the port may be any (RFC 8252 §7.3).
func agrees(registered []string, asked string) bool {
	if redirectFault(asked) != "" {
		return false
	}
	for _, r := range registered {
		if r == asked {
			return true
		}
		at, err := url.Parse(r)
		to, errTo := url.Parse(asked)
		if err == nil && errTo == nil && isLoopback(at) && isLoopback(to) && withoutPort(r, at) == withoutPort(asked, to) {
			return true
		}
	}
	return false
}

func withoutPort(s string, u *url.URL) string {
	if u.Port() == "" {
		return s
	}
	return strings.Replace(s, ":"+u.Port(), "", 1)
}

// withQuery adds parameters to an address as it was registered.
func withQuery(address string, more url.Values) string {
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + more.Encode()
}

// whither says in what a redirect address ends: the host of a site, or the scheme of an
// app, or neither for a program on the person's own device.
func whither(address string) (host, scheme string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || isLoopback(u):
		return "", ""
	case u.Scheme == "https":
		return u.Host, ""
	}
	return "", u.Scheme
}
