package core

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge/verify"
)

// osier runs the command line and gives its exit code and what it wrote.
func osier(t *testing.T, in io.Reader, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, Streams{In: in, Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// write puts a file into a folder that is made for it.
func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func jsonLines(t *testing.T, out string) []verify.Line {
	t.Helper()
	var list []verify.Line
	for text := range strings.Lines(out) {
		var l verify.Line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		list = append(list, l)
	}
	return list
}

// TestVerifyAFolderOfAThousandFiles checks that all cores give the lines of one.
func TestVerifyAFolderOfAThousandFiles(t *testing.T) {
	s := newSigner(t, "Issuer")
	var good [][]byte
	for i := range 8 {
		good = append(good, s.sign(t, s.badge(fmt.Sprint("Badge ", i), "a@b.test")))
	}
	bad := bytes.Replace(good[0], []byte("Badge 0"), []byte("Badge X"), 1)
	dir := t.TempDir()
	var want []string
	for i := range 1000 {
		name := filepath.Join(dir, fmt.Sprintf("%02d", i/50), fmt.Sprintf("%04d", i))
		switch {
		case i%50 == 7:
			write(t, name+".txt", []byte("no badge at all"))
			continue
		case i%50 == 8:
			write(t, name+".gif", []byte("GIF89a"))
			continue
		case i%10 == 3:
			want = append(want, write(t, name+".json", bad)+" invalid")
		case i%10 == 4:
			want = append(want, write(t, name+".png", picture(t))+" invalid")
		case i%2 == 0:
			want = append(want, write(t, name+".json", good[i%8])+" valid")
		default:
			want = append(want, write(t, name+".png", baked(t, good[i%8]))+" valid")
		}
	}
	if err := os.Symlink(filepath.Join(dir, "00"), filepath.Join(dir, "again")); err != nil {
		t.Fatal(err)
	}
	code, out, errs := osier(t, nil, "verify", "--json", "--offline", dir)
	var got []string
	for _, l := range jsonLines(t, out) {
		got = append(got, l.File+" "+string(l.Verdict))
	}
	if !slices.IsSorted(want) || len(want) < 900 {
		t.Fatalf("%d lines are wanted, sorted: %v", len(want), slices.IsSorted(want))
	}
	if diff := cmp.Diff(want, got); diff != "" || code != exitFail || errs != "" {
		t.Errorf("exit %d, %q, %.2000s", code, errs, diff)
	}
	code, out, errs = osier(t, nil, "verify", "--offline", filepath.Join(dir, "00", "0000.json"), filepath.Join(dir, "00", "0001.png"))
	if code != exitOK || strings.Count(out, ": Valid\n") != 2 || errs != "" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	if code, out, _ := osier(t, nil, "verify", "--offline", write(t, filepath.Join(t.TempDir(), "a.txt"), []byte("hello"))); code != exitFail || !strings.Contains(out, "not a badge file") {
		t.Errorf("a file that was named is not passed over: exit %d, %q", code, out)
	}
	if code, out, _ := osier(t, nil, "verify", "--offline", filepath.Join(dir, "none")); code != exitFail || !strings.Contains(out, "cannot be read") {
		t.Errorf("a file that is not there: exit %d, %q", code, out)
	}
}

func TestVerifyAnArchive(t *testing.T) {
	s := newSigner(t, "Issuer")
	good := s.sign(t, s.badge("Badge", "a@b.test"))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 30 {
		f, err := z.Create(fmt.Sprintf("b/%02d.json", 29-i))
		if err == nil {
			_, err = f.Write(good)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := z.Create("b/empty.json"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	name := write(t, filepath.Join(t.TempDir(), "badges.zip"), b.Bytes())
	code, out, _ := osier(t, nil, "verify", "--json", "--offline", name)
	lines := jsonLines(t, out)
	if code != exitFail || len(lines) != 31 {
		t.Fatalf("exit %d, %d lines", code, len(lines))
	}
	for i, l := range lines[:30] {
		if l.File != fmt.Sprintf("%s!b/%02d.json", name, 29-i) || l.Verdict != verify.Valid || l.Credential.Name != "Badge" {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	if l := lines[30]; l.File != name+"!b/empty.json" || l.Verdict != verify.Invalid || l.Checks[0].Reason != "empty-file" {
		t.Errorf("%+v", l)
	}
	if code, out, _ := osier(t, bytes.NewReader(b.Bytes()), "verify", "--json", "--offline", "-"); code != exitFail || jsonLines(t, out)[0].File != "-!b/29.json" {
		t.Errorf("from standard input: exit %d, %.200q", code, out)
	}
	write(t, name, b.Bytes()[:b.Len()-1])
	if code, out, _ := osier(t, nil, "verify", "--json", "--offline", name); code != exitFail || len(jsonLines(t, out)) != 1 || jsonLines(t, out)[0].Checks[0].Reason != "zip-damaged" {
		t.Errorf("a damaged one: exit %d, %q", code, out)
	}
}

func TestVerifySpeaksFrench(t *testing.T) {
	s := newSigner(t, "Issuer")
	name := write(t, filepath.Join(t.TempDir(), "a.json"), s.sign(t, s.badge("Badge\x1b[2J", "a@b.test")))
	for _, c := range []struct{ all, lang, flag, want string }{
		{"", "", "", ": Valid\n"},
		{"", "fr_FR.UTF-8", "", ": Valable\n"},
		{"", "fr.UTF-8", "", ": Valable\n"},
		{"", "C.UTF-8", "", ": Valid\n"},
		{"en_GB", "fr_FR", "", ": Valid\n"},
		{"", "de_DE", "", ": Valid\n"},
		{"", "fr_FR", "en", ": Valid\n"},
		{"", "en_GB", "fr", ": Valable\n"},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", c.lang)
		args := []string{"verify", "--offline", name}
		if c.flag != "" {
			args = append(args, "--lang", c.flag)
		}
		code, out, _ := osier(t, nil, args...)
		if code != exitOK || !strings.Contains(out, c.want) || strings.Contains(out, "\x1b") {
			t.Errorf("%+v: exit %d, %q", c, code, out)
		}
	}
	for _, args := range [][]string{{"--lang", "xx"}, {"--at", "yesterday"}, {"--timeout", "0s"}, {"--documents", "none.json"}} {
		if code, _, errs := osier(t, nil, append([]string{"verify", name}, args...)...); code != exitUsage || errs == "" {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
}

// TestVerifyFindsTheBadgeOfAPage gives addresses of pages, with files in place of the network.
func TestVerifyFindsTheBadgeOfAPage(t *testing.T) {
	const id = "630a804c-4fb6-4bc6-86be-552614d370f3"
	s := newSigner(t, "Issuer")
	credential := s.sign(t, s.badge("Badge", "a@b.test"))
	dir := t.TempDir()
	pages := map[string]string{
		"https://www.credly.com/badges/" + id:                          "<html><title>A badge</title>",
		"https://api.credly.com/v1/obi/v2/badge_assertions/" + id:      string(credential),
		"https://issuer.test/linked":                                   `<html><link rel="alternate" type="application/ld+json" href="badge.json">`,
		"https://issuer.test/badge.json":                               string(credential),
		"https://issuer.test/inline":                                   `<script type="application/ld+json">` + string(credential) + `</script>`,
		"https://openbadgepassport.com/app/badge/info/7":               "<html>",
		"https://openbadgepassport.com/obpv1/badge/info/7":             `{"id":7,"assertion_url":"https://issuer.test/badge.json"}`,
		"https://issuer.test/plain":                                    "<html><p>Nothing here",
		"https://api.badgr.io/public/assertions/only-the-server-knows": string(credential),
	}
	documents := map[string]string{}
	for address, body := range pages {
		file := fmt.Sprintf("%d.html", len(documents))
		write(t, filepath.Join(dir, file), []byte(body))
		documents[address] = file
	}
	index, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	list := write(t, filepath.Join(dir, "documents.json"), index)
	for _, address := range []string{
		"https://www.credly.com/badges/" + id, "https://issuer.test/linked", "https://issuer.test/inline", "https://issuer.test/badge.json",
		"https://openbadgepassport.com/app/badge/info/7", "https://badgr.com/public/assertions/only-the-server-knows?identity__email=a%40b.test",
	} {
		code, out, _ := osier(t, nil, "verify", "--json", "--documents", list, address)
		if l := jsonLines(t, out); code != exitOK || len(l) != 1 || l[0].File != address || l[0].Credential.Name != "Badge" {
			t.Errorf("%s: exit %d, %s", address, code, out)
		}
	}
	for address, reason := range map[string]string{"https://issuer.test/plain": "not-a-badge-file", "https://issuer.test/none": "unavailable"} {
		code, out, _ := osier(t, nil, "verify", "--json", "--documents", list, address)
		if l := jsonLines(t, out); code != exitFail || l[0].Checks[0].Reason != reason {
			t.Errorf("%s: exit %d, %s", address, code, out)
		}
	}
	code, out, _ := osier(t, nil, "verify", "--json", "--offline", "https://issuer.test/linked")
	if l := jsonLines(t, out); code != exitFail || l[0].Checks[0].Reason != "offline" {
		t.Errorf("offline: exit %d, %s", code, out)
	}
}

// TestVerifyEndsWithItsContext waits for a standard input that never ends.
func TestVerifyEndsWithItsContext(t *testing.T) {
	in, hold := io.Pipe()
	defer hold.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- verifyCommand{Input: []string{"-"}, Offline: true, Timeout: time.Hour}.Run(ctx, Streams{In: in, Out: io.Discard, Err: io.Discard})
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// stuck is a network that answers when nobody waits any more.
type stuck struct{}

func (stuck) Fetch(ctx context.Context, _ string) (verify.Document, error) {
	<-ctx.Done()
	return verify.Document{}, verify.ErrUnavailable
}

func TestVerifyHasADeadlineForEachInput(t *testing.T) {
	j := verifyJob{
		options: verify.Options{At: time.Now(), Fetcher: stuck{}}, timeout: 20 * time.Millisecond,
		print: jsonLine, slots: make(chan struct{}, 1),
	}
	for _, i := range []input{
		{name: "https://issuer.test/a"},
		{name: write(t, filepath.Join(t.TempDir(), "a.json"), []byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://issuer.test/a","badge":"https://issuer.test/b","recipient":{"type":"email","hashed":false,"identity":"a@x.test"},"issuedOn":"2026-01-01T00:00:00Z","verification":{"type":"hosted"}}`))},
	} {
		v := j.verify(t.Context(), i)
		if l := jsonLines(t, v.text); v.valid || len(l) != 1 {
			t.Errorf("%s: %q", i.name, v.text)
		}
	}
}

// TestVerifyWritesNoProgressToAPipe and to no file either.
func TestVerifyWritesNoProgressToAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, f := range []*os.File{w, null} {
		if p := newProgress(Streams{Err: f}); p.w != nil {
			t.Errorf("%s is no terminal", f.Name())
		}
	}
	s := newSigner(t, "Issuer")
	name := write(t, filepath.Join(t.TempDir(), "a.json"), s.sign(t, s.badge("Badge", "a@b.test")))
	if code := run(t.Context(), []string{"verify", "--offline", name, name, name}, Streams{Out: io.Discard, Err: w}); code != exitOK {
		t.Errorf("exit %d", code)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || len(text) > 0 {
		t.Errorf("wrote %q, %v", text, err)
	}
}
