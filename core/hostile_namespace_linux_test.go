package core

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

const namespaceList = "OSIER_TEST_NAMESPACE_LIST" // a file of names, one a line

// TestHostileFilesMakeNoConnection runs "osier verify", with the network that it has outside of
// tests, on every hostile file in a network namespace where nothing can be reached. Its kernel
// counts what is sent and what found no way out, so each try to connect or to look a name up
// is seen. Left out are the badges that say they live at a name of their own: those are asked
// for, as TestHostileFilesOnTheCommandLine shows, and nothing else.
func TestHostileFilesMakeNoConnection(t *testing.T) {
	if list := os.Getenv(namespaceList); list != "" {
		verifyInside(t, list)
		return
	}
	dir := t.TempDir()
	outward := write(t, filepath.Join(dir, "outward.json"), hostedAtAddress("https://93.184.215.14/badge"))
	if n := connectionsOf(t, []string{outward}); n == 0 {
		t.Fatal("a badge at an address of the internet makes no connection: the count is broken")
	}
	named := write(t, filepath.Join(dir, "named.json"), hostedAtAddress("https://badges.school.example/1"))
	if n := connectionsOf(t, []string{named}); n == 0 {
		t.Fatal("a badge at a name of the internet looks nothing up: the count is broken")
	}
	var inward []string
	for i, address := range []string{
		"http://127.0.0.1:22/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "https://192.168.1.1/badge",
		"http://[fd00::1]/", "http://0.0.0.0/", "http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://localhost/", "file:///etc/passwd", "gopher://93.184.215.14/",
	} {
		inward = append(inward, write(t, filepath.Join(dir, "inward", fmt.Sprint(i)), hostedAtAddress(address)))
	}
	if n := connectionsOf(t, inward); n != 0 {
		t.Errorf("badges at addresses inside of networks: %d tries to connect", n)
	}

	all := hostileCases(t)
	var files []string
	own := 0
	for _, surface := range []string{"png", "svg", "json", "jsonld", "rdfc", "vc", "jwt", "zip"} {
		for i, c := range all[surface] {
			name := write(t, filepath.Join(dir, surface, fmt.Sprint(i)), c.data(t))
			if livesAtAName(t, name) {
				own++
				continue
			}
			files = append(files, name)
		}
	}
	n := connectionsOf(t, files)
	if n != 0 {
		t.Errorf("%d tries to connect", n)
	}
	t.Logf("%d files, %d tries to connect; %d name a home of their own", len(files), n, own)
}

// livesAtAName reports whether verifying a file asks for a reserved name, and for that alone.
func livesAtAName(t *testing.T, file string) bool {
	t.Helper()
	asked := &silent{}
	j := verifyJob{options: verify.Options{At: time.Now(), Fetcher: asked}, timeout: time.Minute, slots: make(chan struct{}, 1), print: jsonLine, in: bytes.NewReader(nil)}
	j.verify(t.Context(), input{name: file})
	for _, address := range asked.asked {
		if u, err := url.Parse(address); err == nil && strings.HasSuffix(u.Hostname(), ".test") {
			return true
		}
	}
	return false
}

// connectionsOf verifies files in a network namespace of their own and gives how many packets
// left, or found no way.
func connectionsOf(t *testing.T, files []string) int {
	t.Helper()
	list := write(t, filepath.Join(t.TempDir(), "list"), []byte(strings.Join(files, "\n")))
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostileFilesMakeNoConnection$", "-test.v")
	cmd.Env = append(os.Environ(), namespaceList+"="+list)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if slices.ContainsFunc([]error{syscall.EPERM, syscall.EACCES, syscall.ENOSPC, syscall.EINVAL, syscall.ENOSYS}, func(e error) bool { return errors.Is(err, e) }) {
		t.Skipf("this system does not let a test make a network namespace: %v", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, rest, ok := strings.Cut(string(out), "tries to connect: ")
	number, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if !ok || err != nil {
		t.Fatalf("no count: %s", out)
	}
	return n
}

// verifyInside is the part of the test that runs in the namespace.
func verifyInside(t *testing.T, list string) {
	names, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	before := attempts(t)
	var out, errs bytes.Buffer
	files := strings.Split(string(names), "\n")
	err = verifyCommand{JSON: true, Timeout: time.Minute, Input: files}.Run(t.Context(), Streams{In: bytes.NewReader(nil), Out: &out, Err: &errs})
	if code, ok := errors.AsType[exitError](err); !ok || code != exitFail {
		t.Fatalf("ended with %v: %s", err, &errs)
	}
	if n := strings.Count(out.String(), "\n"); n < len(files) {
		t.Fatalf("%d lines for %d files", n, len(files))
	}
	fmt.Printf("tries to connect: %d\n", attempts(t)-before)
}

// attempts counts the packets of this namespace that were sent, or had no way to go (RFC 4293
// ipSystemStatsOutRequests, ipSystemStatsOutNoRoutes).
func attempts(t *testing.T) int {
	t.Helper()
	four, err := os.ReadFile("/proc/self/net/snmp")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	var names []string
	for line := range strings.Lines(string(four)) {
		fields := strings.Fields(line)
		if fields[0] != "Ip:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i, name := range names {
			if name == "OutRequests" || name == "OutNoRoutes" {
				total += number(t, fields[i])
			}
		}
	}
	six, err := os.ReadFile("/proc/self/net/snmp6")
	if err != nil {
		return total // a kernel without IPv6
	}
	for line := range strings.Lines(string(six)) {
		if fields := strings.Fields(line); fields[0] == "Ip6OutRequests" || fields[0] == "Ip6OutNoRoutes" {
			total += number(t, fields[1])
		}
	}
	return total
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
