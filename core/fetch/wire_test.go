package fetch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

var errTestWire = errors.New("the test connects to nothing")

// testWire is a network of our own: names are answered in process, connections
// are counted, and made only to the addresses that the test listens on.
type testWire struct {
	mu    sync.Mutex
	names map[string][]netip.Addr
	asked map[string]int
	seen  []netip.AddrPort // connections that passed the guard
	ours  map[netip.AddrPort]bool
}

func newTestWire(names map[string][]netip.Addr) *testWire {
	return &testWire{names: names, asked: make(map[string]int), ours: make(map[netip.AddrPort]bool)}
}

func (w *testWire) wire() wire {
	r := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go w.serve(server)
		return client, nil
	}}
	return wire{resolver: r, watch: w.watch}
}

func (w *testWire) watch(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, a)
	if w.ours[a] {
		return nil
	}
	return errTestWire
}

func (w *testWire) listensOn(t *testing.T, address string) {
	t.Helper()
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		t.Fatal(err)
	}
	w.ours[a] = true
}

// private lists the connections made to what is neither public nor ours.
func (w *testWire) private() []netip.AddrPort {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []netip.AddrPort
	for _, a := range w.seen {
		ip := a.Addr().Unmap()
		if !w.ours[a] && (!ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback()) {
			out = append(out, a)
		}
	}
	return out
}

// serve answers questions in the form of DNS over TCP (RFC 1035 §4.2.2).
func (w *testWire) serve(c net.Conn) {
	defer c.Close()
	for {
		var size uint16
		if binary.Read(c, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		if bytes.Contains(query, []byte("dns-answers-after")) {
			_, _ = io.Copy(io.Discard, c) // until the client gives up
			return
		}
		answer, err := w.answer(query)
		if err != nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func (w *testWire) answer(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, errTestWire
	}
	q := m.Questions[0]
	addrs, ok := w.lookup(strings.TrimSuffix(q.Name.String(), "."), q.Type)
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range addrs {
		h := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}

// lookup knows some names that change their mind.
func (w *testWire) lookup(name string, kind dnsmessage.Type) ([]netip.Addr, bool) {
	w.mu.Lock()
	w.asked[name+kind.String()]++
	times := w.asked[name+kind.String()]
	addrs, ok := w.names[name]
	w.mu.Unlock()
	if strings.HasPrefix(name, "rebind") && times > 1 {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, true
	}
	return addrs, ok
}

func publicAndLoopback() map[string][]netip.Addr {
	list := func(s ...string) []netip.Addr {
		var out []netip.Addr
		for _, a := range s {
			out = append(out, netip.MustParseAddr(a))
		}
		return out
	}
	many := list("127.0.0.1")
	for i := range 999 {
		many = append(many, netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
	}
	return map[string][]netip.Addr{
		"rebind-pub-then-loop.test":   list("93.184.215.14"),
		"rebind-ttl0.test":            list("93.184.215.14"),
		"multi-a-pub-and-loop.test":   list("127.0.0.1", "93.184.215.14"),
		"aaaa-loop.test":              list("::1"),
		"cname-to-localhost.test":     list("127.0.0.1"),
		"a-10.test":                   list("10.0.0.1"),
		"a-0000.test":                 list("0.0.0.0"),
		"a-mapped.test":               list("::ffff:127.0.0.1"),
		"1000-a-records.test":         many,
		"dns-answers-after-8s.test":   list("127.0.0.1"),
		"own-public-name.test":        list("93.184.215.14"),
		"metadata.google.internal":    list("169.254.169.254"),
		"metadata.example.test":       list("169.254.169.254"),
		"nat64.test":                  list("64:ff9b::7f00:1"),
		"azure.test":                  list("168.63.129.16"),
		"public.test":                 list("93.184.215.14"),
		"issuer.test":                 list("127.0.0.1"),
		"other-name-for-loop.example": list("127.0.0.1"),
	}
}
