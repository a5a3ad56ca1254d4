package fetch

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// guard decides where connections may go.
type guard struct {
	public *ssrf.Guardian
	ranges []rangeRule
	hosts  []hostRule
	led    map[string]string // names that lead elsewhere: address, with or without port
}

// rangeRule allows addresses; port 0 stands for the usual ones.
type rangeRule struct {
	prefix netip.Prefix
	port   uint16
}

// hostRule allows a name wherever it points to; port 0 stands for the usual ones.
type hostRule struct {
	name string
	port uint16
}

// privateNames end names that mean this machine or this network (RFC 6761 §6.3,
// RFC 6762 §3, RFC 8375, and the name reserved by ICANN for private use).
var privateNames = []string{"localhost", "localdomain", "local", "internal", "home.arpa"}

// azure is the address on which Azure serves its machines; it is public by number.
var azure = netip.MustParsePrefix("168.63.129.16/32")

func newGuard(allow []string, log *slog.Logger) *guard {
	// The guardian denies the special ranges of the IANA registries, and of IPv6
	// all but 2000::/3: NAT64, 6to4, Teredo and mapped addresses are out.
	g := &guard{led: map[string]string{}, public: ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(azure))}
	for _, entry := range allow {
		if !g.allow(entry) {
			log.Warn("fetch.allow: an entry cannot be read and is left out", "entry", entry)
		}
	}
	return g
}

func (g *guard) allow(entry string) bool {
	if p, err := netip.ParsePrefix(entry); err == nil {
		g.ranges = append(g.ranges, rangeRule{p.Masked(), 0})
		return true
	}
	if a, err := netip.ParseAddr(entry); err == nil {
		g.ranges = append(g.ranges, single(a, 0))
		return true
	}
	host, port := entry, uint16(0)
	if strings.Contains(entry, ":") {
		var err error
		if host, port, err = splitAddress(entry); err != nil || port == 0 {
			return false
		}
	}
	if a, err := netip.ParseAddr(host); err == nil {
		g.ranges = append(g.ranges, single(a, port))
		return true
	}
	name, err := hostName(host)
	if err != nil {
		return false
	}
	g.hosts = append(g.hosts, hostRule{name, port})
	return true
}

func single(a netip.Addr, port uint16) rangeRule {
	a = a.Unmap()
	return rangeRule{netip.PrefixFrom(a, a.BitLen()), port}
}

func usual(port uint16) bool { return port == 80 || port == 443 }

func fits(rule, port uint16) bool { return rule == port || rule == 0 && usual(port) }

// trusts reports whether the operator allows the name itself.
func (g *guard) trusts(host string, port uint16) bool {
	return slices.ContainsFunc(g.hosts, func(r hostRule) bool { return r.name == host && fits(r.port, port) })
}

// lead has names lead where the operator says; config has checked the entries.
func (g *guard) lead(entries []string) {
	for _, entry := range entries {
		name, to, _ := strings.Cut(entry, "=")
		if name, err := hostName(name); err == nil && to != "" {
			g.led[name] = to
		}
	}
}

// elsewhere gives the address that the operator leads a name to.
func (g *guard) elsewhere(host string, port uint16) (string, bool) {
	to, ok := g.led[host]
	if !ok || !usual(port) {
		return "", false
	}
	if _, err := netip.ParseAddrPort(to); err == nil {
		return to, true
	}
	return net.JoinHostPort(to, strconv.Itoa(int(port))), true
}

// checkURL refuses what can be refused without asking for an address.
func (g *guard) checkURL(u *url.URL) error {
	if err := g.check(u.Hostname(), port(u)); err != nil {
		return describe(err, u.String())
	}
	return nil
}

func (g *guard) check(host string, port uint16) error {
	if _, led := g.elsewhere(host, port); led || g.trusts(host, port) {
		return nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return g.checkAddress(a, port)
	}
	if len(g.ranges) > 0 {
		return nil // a private name may lead to an allowed address: the dialer decides
	}
	if !usual(port) {
		return fmt.Errorf("%w: port %d", errForbiddenPort, port)
	}
	if !strings.Contains(host, ".") || slices.ContainsFunc(privateNames, func(n string) bool { return host == n || strings.HasSuffix(host, "."+n) }) {
		return fmt.Errorf("%w: the name %s", ErrForbidden, host)
	}
	return nil
}

func (g *guard) checkAddress(a netip.Addr, port uint16) error {
	if a.Zone() != "" {
		return fmt.Errorf("%w: %s", ErrForbidden, a)
	}
	a = a.Unmap()
	if slices.ContainsFunc(g.ranges, func(r rangeRule) bool { return r.prefix.Contains(a) && fits(r.port, port) }) {
		return nil
	}
	if !usual(port) {
		return fmt.Errorf("%w: port %d", errForbiddenPort, port)
	}
	if err := g.public.SafeAddr(a); err != nil {
		return fmt.Errorf("%w: %s is not public; if it is yours, add it to fetch.allow", ErrForbidden, a)
	}
	return nil
}

// control is asked by the dialer with the resolved address, before connecting.
func (g *guard) control(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: network %s", ErrForbidden, network)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return g.checkAddress(ap.Addr(), ap.Port())
}

// wire is what lies below a Client. The zero value is the network.
type wire struct {
	resolver *net.Resolver              // nil: the system's
	watch    func(address string) error // asked last, before a connection is made
}

// dialer connects to public and allowed addresses only. Names that the operator
// allows are followed wherever they point to.
func (g *guard) dialer(l limits, w wire) func(context.Context, string, string) (net.Conn, error) {
	watch := func(_, address string, _ syscall.RawConn) error {
		if w.watch == nil {
			return nil
		}
		return w.watch(address)
	}
	guard := func(network, address string, c syscall.RawConn) error {
		if err := g.control(network, address, c); err != nil {
			return err
		}
		return watch(network, address, c)
	}
	trusting := &net.Dialer{Timeout: l.connect, Resolver: w.resolver, Control: watch}
	guarded := &net.Dialer{Timeout: l.connect, Resolver: w.resolver, Control: guard}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := splitAddress(address)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBadURL, err)
		}
		if to, led := g.elsewhere(host, port); led {
			return trusting.DialContext(ctx, network, to)
		}
		if g.trusts(host, port) {
			return trusting.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
}
