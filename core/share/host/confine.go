package host

import (
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Confinement is how far the system keeps plugins from what is not theirs. See
// docs/plugins-host.md.
type Confinement struct {
	Files       bool // they read and write nothing of the passport's or of other plugins'
	Connections bool // they connect by TCP to their way out alone, and take no connections
	Signals     bool // they signal no process that they did not start
	Sockets     bool // they say nothing to a unix socket of others, such as a database's, whose path they know
}

// Whole tells whether nothing is missing but Sockets, which some systems lack beside all else.
func (c Confinement) Whole() bool { return c.Files && c.Connections && c.Signals }

// ConfinementHere tells how far plugins are confined on this machine.
func ConfinementHere() Confinement { return confinement() }

// Rights on a path, as sets.
type rights int

const (
	mayRead rights = iota // and list
	mayRun                // and execute
	mayUse                // read and write
	mayAll                // all but execute
)

// grant is a path with what a plugin may do there and below.
type grant struct {
	path   string
	rights rights
}

// programs are where a system keeps programs and what they need: libraries, time
// zones, roots of trust. Nothing of /etc but that: a passport's config may lie there.
var programs = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store",
}

var systemFiles = []string{
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/ld-musl-*.path",
	"/etc/localtime", "/etc/timezone", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf", "/etc/nsswitch.conf",
	"/etc/services", "/etc/protocols", "/etc/mime.types", "/etc/os-release", "/etc/locale.alias",
	"/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/crypto-policies",
	"/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/etc/pki/tls/openssl.cnf", "/etc/pki/ca-trust/extracted",
	"/etc/alternatives", "/etc/python3*", "/etc/java*", "/etc/perl",
	"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems", "/proc/sys/vm", "/proc/sys/kernel/osrelease",
	"/sys/devices/system", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup",
	"/dev/random", "/dev/urandom",
}

// grantsOf lists what the process of s may touch. What is hidden is not among what all
// may read, even where somebody keeps it in a folder of programs.
func grantsOf(s spec, sockets string, env []string) []grant {
	hidden := s.hidden
	var all []grant
	for _, dir := range programs {
		all = append(all, around(grant{dir, mayRun}, hidden)...)
	}
	for _, pattern := range systemFiles {
		found, _ := filepath.Glob(pattern) // the patterns are good
		for _, path := range found {
			all = append(all, around(grant{path, mayRead}, hidden)...)
		}
	}
	if !s.self {
		for _, dir := range besides(s.path) {
			all = append(all, around(grant{dir, mayRun}, hidden)...)
		}
	}
	for _, entry := range env { // such as the roots of a test
		if _, value, _ := strings.Cut(entry, "="); filepath.IsAbs(value) {
			all = append(all, grant{value, mayRead})
		}
	}
	for _, path := range []string{"/dev/null", "/dev/zero", "/dev/full"} {
		all = append(all, grant{path, mayUse})
	}
	if s.copied != "" {
		all = append(all, grant{s.copied, mayRun})
	}
	return append(all, grant{s.dir, mayAll}, grant{sockets, mayAll})
}

// besides are the folders that a program outside of the system's needs: its own, and
// those of libraries next to a folder bin.
func besides(program string) []string {
	var all []string
	path, err := filepath.EvalSymlinks(program)
	if err != nil {
		return nil
	}
	for _, dir := range []string{filepath.Dir(program), filepath.Dir(path)} {
		if slices.ContainsFunc(programs, func(p string) bool { return within(p, dir) }) {
			continue
		}
		all = append(all, dir)
		if filepath.Base(dir) != "bin" {
			continue
		}
		for _, name := range []string{"lib", "lib64", "libexec", "share"} {
			all = append(all, filepath.Join(filepath.Dir(dir), name))
		}
	}
	return all
}

// around gives g, or where something hidden lies below it, what lies around that.
func around(g grant, hidden []string) []grant {
	path, err := filepath.EvalSymlinks(g.path)
	if err != nil {
		return nil
	}
	g.path = path
	if slices.ContainsFunc(hidden, func(h string) bool { return within(h, path) }) {
		return nil
	}
	if !slices.ContainsFunc(hidden, func(h string) bool { return within(path, h) }) {
		return []grant{g}
	}
	entries, _ := os.ReadDir(path) // what cannot be read is not granted
	var all []grant
	for _, e := range entries {
		if e.Type() == os.ModeSymlink { // what it leads to is granted where that lies, or not at all
			continue
		}
		all = append(all, around(grant{filepath.Join(path, e.Name()), g.rights}, hidden)...)
	}
	return all
}

// within tells whether path is dir or below it.
func within(dir, path string) bool {
	below, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(below)
}

// resolved gives the real paths of what there is.
func resolved(paths []string) []string {
	var all []string
	for _, path := range paths {
		if path, err := filepath.EvalSymlinks(path); err == nil {
			all = append(all, path)
		}
	}
	return all
}

// proxyPort is the port of the way out that env names, 0 without one.
func proxyPort(env []string) uint64 {
	for _, entry := range slices.Backward(env) {
		value, ok := strings.CutPrefix(entry, "HTTPS_PROXY=")
		if !ok {
			continue
		}
		u, err := url.Parse(value)
		if err != nil {
			return 0
		}
		port, err := strconv.ParseUint(cmp.Or(u.Port(), "443"), 10, 16)
		if err != nil {
			return 0
		}
		return port
	}
	return 0
}
