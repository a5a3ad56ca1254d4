package web

import (
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/osier-passport/osier/core/fault"
)

// canonicalHost is host in lower case, without the port that its scheme implies.
func canonicalHost(scheme, host string) string {
	host = strings.ToLower(host)
	if scheme == "http" {
		return strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":443")
}

// checkHost refuses a Host that is not this site's (RFC 9110 §15.5.20).
// Without a configured public URL the names of this machine are taken too.
func (a *App) checkHost(host string) error {
	base := a.base.Load()
	host = canonicalHost(base.Scheme, host)
	if host == base.Host {
		return nil
	}
	if !a.fixed {
		_, port, _ := net.SplitHostPort(base.Host)
		for _, name := range []string{"127.0.0.1", "[::1]"} {
			if host == name || port != "" && host == name+":"+port {
				return nil
			}
		}
	}
	return fault.New(fault.Misdirected, "web.host").With("host", base.Host)
}

// prefixes reads addresses and CIDR ranges.
func prefixes(list []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			addr, addrErr := netip.ParseAddr(s)
			if addrErr != nil {
				return nil, fmt.Errorf("trusted_proxies %q: %w", s, err)
			}
			p = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (a *App) trusted(addr netip.Addr) bool {
	for _, p := range a.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// Address is the IP address of who asks. X-Forwarded-For is read from the right
// and believed only as far as the proxies that are configured as trusted.
func (c *Ctx) Address() netip.Addr {
	addr, ok := netip.AddrFromSlice(c.f.Context().RemoteIP())
	if !ok {
		return netip.IPv4Unspecified()
	}
	addr = addr.Unmap()
	hops := strings.Split(c.f.Get("X-Forwarded-For"), ",")
	for i := len(hops) - 1; i >= 0 && c.app.trusted(addr); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = next.Unmap().WithZone("")
	}
	return addr
}

// Network is the Address as limits count it: an IPv4 address, or the /64 that
// one IPv6 customer has.
func (c *Ctx) Network() string {
	addr := c.Address()
	if addr.Is4() {
		return addr.String()
	}
	p, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return p.String()
}
