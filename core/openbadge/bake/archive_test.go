package bake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packed is one entry of an archive that a test makes.
type packed struct {
	name, body string
	mode       fs.FileMode
	stored     bool
}

func archiveOf(t testing.TB, entries ...packed) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.stored {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(e.body))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestExtractAllOfAnArchive(t *testing.T) {
	baked, err := PNG(plainPNG(t, 4), "3.0", []byte(assertion))
	if err != nil {
		t.Fatal(err)
	}
	file := archiveOf(t,
		packed{name: "badges/"},
		packed{name: "badges/one.png", body: string(baked), stored: true},
		packed{name: `badges\two.jwt`, body: token + "\n"},
		packed{name: "__MACOSX/badges/._one.png", body: "litter"},
		packed{name: "badges/.DS_Store", body: "litter"},
		packed{name: "read me.txt", body: "hello"},
		packed{name: "more.zip", body: string(archiveOf(t, packed{name: "a.json", body: "{}"}))},
		packed{name: "plain.png", body: string(plainPNG(t, 2))},
		packed{name: "empty.json"},
		packed{name: "a 👩‍💻: 1.json", body: assertion},
	)
	got, err := ExtractAll(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name    string
		carrier Carrier
		payload string
		file    string
		reason  string
	}{
		{"badges/one.png", CarrierPNG, assertion, string(baked), ""},
		{`badges\two.jwt`, CarrierJWS, token, token + "\n", ""},
		{"read me.txt", "", "", "hello", "not-a-badge-file"},
		{"more.zip", "", "", "", "zip-nested"},
		{"plain.png", "", "", "", "no-badge-data"},
		{"empty.json", "", "", "", "empty-file"},
		{"a 👩‍💻: 1.json", CarrierJSON, assertion, assertion, ""},
	}
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		reason := ""
		if g.Err != nil {
			reason = g.Err.Reason
		}
		if g.Name != w.name || g.Carrier != w.carrier || string(g.Payload) != w.payload || reason != w.reason {
			t.Errorf("entry %d: %q %s %.40q %q, want %q %s %.40q %q", i, g.Name, g.Carrier, g.Payload, reason, w.name, w.carrier, w.payload, w.reason)
		}
		if w.file != "" && string(g.File) != w.file {
			t.Errorf("%s: the file is %d bytes, want the %d that were packed", w.name, len(g.File), len(w.file))
		}
	}
}

func TestExtractAllOfASingleFile(t *testing.T) {
	for _, file := range []string{assertion, token + "\n", "https://issuer.example/a"} {
		got, err := ExtractAll([]byte(file))
		one, errOne := Extract([]byte(file))
		if err != nil || errOne != nil || len(got) != 1 || !bytes.Equal(got[0].Payload, one.Payload) || string(got[0].File) != file || got[0].Name != "" {
			t.Errorf("%.30q: %+v, %v", file, got, err)
		}
	}
	_, err := ExtractAll([]byte("hello"))
	wantReason(t, err, "not-a-badge-file")
	_, err = Extract(archiveOf(t, packed{name: "a.json", body: assertion}))
	wantReason(t, err, "archive")
}

func TestExtractAllRefusesAnArchive(t *testing.T) {
	one := packed{name: "a.json", body: assertion}
	good := archiveOf(t, one)
	many := make([]packed, maxEntries+1)
	for i := range many {
		many[i] = packed{name: fmt.Sprint(i), body: "{}"}
	}
	big := packed{name: "big.json", body: "{" + incompressible(9<<20) + "}", stored: true}
	three := archiveOf(t, big, packed{name: "2", body: big.body, stored: true}, packed{name: "3", body: big.body, stored: true})
	for _, c := range []struct {
		name   string
		file   []byte
		reason string
	}{
		{"nothing", archiveOf(t), "zip-empty"},
		{"a folder only", archiveOf(t, packed{name: "a/"}), "zip-empty"},
		{"litter only", archiveOf(t, packed{name: "__MACOSX/a", body: "x"}), "zip-empty"},
		{"out of the folder", archiveOf(t, one, packed{name: "../b", body: "{}"}), "zip-name"},
		{"out of it with backslashes", archiveOf(t, one, packed{name: `a\..\..\b`, body: "{}"}), "zip-name"},
		{"absolute", archiveOf(t, one, packed{name: "/tmp/b", body: "{}"}), "zip-name"},
		{"escaped dots", archiveOf(t, one, packed{name: "..%2fb", body: "{}"}), "zip-name"},
		{"drive", archiveOf(t, one, packed{name: `C:\b`, body: "{}"}), "zip-name"},
		{"share", archiveOf(t, one, packed{name: `\\host\b`, body: "{}"}), "zip-name"},
		{"no name", archiveOf(t, one, packed{name: "", body: "{}"}), "zip-name"},
		{"NUL", archiveOf(t, one, packed{name: "a\x00.json", body: "{}"}), "zip-name"},
		{"backwards", archiveOf(t, one, packed{name: "\u202egnp.exe", body: "{}"}), "zip-name"},
		{"hidden folder", archiveOf(t, one, packed{name: ".git/config", body: "{}"}), "zip-name"},
		{"long name", archiveOf(t, one, packed{name: strings.Repeat("a", maxEntryName+1)}), "zip-name"},
		{"deep name", archiveOf(t, one, packed{name: strings.Repeat("a/", maxEntryDepth) + "b"}), "zip-name"},
		{"same name", archiveOf(t, one, one), "zip-duplicate"},
		{"same name in capitals", archiveOf(t, one, packed{name: "A.JSON", body: "{}"}), "zip-duplicate"},
		{"symlink", archiveOf(t, one, packed{name: "l", body: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "zip-special"},
		{"device", archiveOf(t, one, packed{name: "d", mode: fs.ModeDevice | 0o666}), "zip-special"},
		{"pipe", archiveOf(t, one, packed{name: "p", mode: fs.ModeNamedPipe | 0o666}), "zip-special"},
		{"too many", archiveOf(t, many...), "zip-entries"},
		{"bomb", archiveOf(t, one, packed{name: "b", body: strings.Repeat(" ", 9<<20)}), "zip-bomb"},
		{"end cut off", good[:len(good)-1], "zip-damaged"},
		{"something behind", append(bytes.Clone(good), 'x'), "zip-damaged"},
		{"only its end", []byte("PK\x05\x06" + strings.Repeat("\xff", 18)), "zip-damaged"},
		{"large", append(bytes.Clone(good), make([]byte, MaxArchive)...), "too-large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ExtractAll(c.file)
			wantReason(t, err, c.reason)
		})
	}
	if list, err := ExtractAll(three); err != nil || len(list) != 3 {
		t.Errorf("27 MB stored: %v", err)
	}
}

// incompressible is text of n bytes that deflate cannot shrink much.
func incompressible(n int) string {
	out := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range out {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		out[i] = ' ' + byte(x>>33)%94
	}
	return string(out)
}

// TestUnpackedBytesAreCapped gives the same packed bytes more names than may be
// unpacked together.
func TestUnpackedBytesAreCapped(t *testing.T) {
	const size = 9 << 20
	_, err := ExtractAll(sharedData(t, maxUnpacked/size+1, incompressible(size)))
	wantReason(t, err, "zip-bomb")
}

// sharedData makes an archive of n names for one and the same packed data.
func sharedData(t testing.TB, n int, body string) []byte {
	t.Helper()
	one := archiveOf(t, packed{name: "0000", body: body})
	end := bytes.LastIndex(one, zipEnd)
	start := bytes.LastIndex(one[:end], zipDirectory)
	record, out := one[start:end], bytes.Clone(one[:start])
	for i := range n {
		r := bytes.Clone(record)
		copy(r[46:], fmt.Sprintf("%04d", i))
		out = append(out, r...)
	}
	tail := bytes.Clone(one[end:])
	binary.LittleEndian.PutUint16(tail[8:], uint16(n))
	binary.LittleEndian.PutUint16(tail[10:], uint16(n))
	binary.LittleEndian.PutUint32(tail[12:], uint32(n*len(record)))
	return append(out, tail...)
}

func TestEntriesThatCannotBeUnpacked(t *testing.T) {
	good := archiveOf(t, packed{name: "a.json", body: assertion, stored: true}, packed{name: "b.json", body: assertion})
	change := func(offset int, value uint16) []byte {
		file := bytes.Clone(good)
		at := bytes.Index(file, zipDirectory) + offset
		binary.LittleEndian.PutUint16(file[at:], value)
		return file
	}
	damaged := bytes.Clone(good)
	damaged[bytes.Index(damaged, []byte("issuer"))] ^= 1
	for _, c := range []struct {
		name, reason string
		file         []byte
	}{
		{"encrypted", "zip-encrypted", change(8, 9)},
		{"other method", "zip-method", change(10, 12)},
		{"checksum", "zip-damaged", damaged},
	} {
		list, err := ExtractAll(c.file)
		if err != nil || len(list) != 2 || list[1].Err != nil {
			t.Errorf("%s: %+v, %v", c.name, list, err)
			continue
		}
		if list[0].Err == nil || list[0].Err.Reason != c.reason || list[0].Payload != nil {
			t.Errorf("%s: %v, want %s", c.name, list[0].Err, c.reason)
		}
	}
}

func TestBrokenArchives(t *testing.T) {
	good := archiveOf(t, packed{name: "a.json", body: assertion}, packed{name: "b.json", body: assertion, stored: true})
	for cut := range good {
		if _, err := ExtractAll(good[:cut]); err == nil {
			t.Fatalf("cut at %d was accepted", cut)
		}
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		list, err := ExtractAll(bad)
		for _, f := range list {
			if err == nil && f.Err == nil && string(f.Payload) != assertion {
				t.Fatalf("byte %d: another badge %q", i, f.Payload)
			}
		}
	}
}

func FuzzExtractZIP(f *testing.F) {
	f.Add(archiveOf(f, packed{name: "a.json", body: assertion}, packed{name: "b/"}, packed{name: "b/c.jwt", body: token, stored: true}))
	f.Add(archiveOf(f, packed{name: "../a.json", body: assertion}))
	f.Add(sharedData(f, 3, assertion))
	f.Fuzz(func(t *testing.T, file []byte) {
		file = append(bytes.Clone(zipEntry[:2]), file[min(2, len(file)):]...)
		list, err := ExtractAll(file)
		if err != nil {
			if reasonOf(err).Reason == "not-readable" {
				t.Errorf("no named reason: %v", err)
			}
			return
		}
		for _, e := range list {
			if (e.Err == nil) == (e.Payload == nil) || !filepath.IsLocal(e.Name) {
				t.Errorf("entry %+v", e)
			}
		}
	})
}

func TestHostileArchives(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "hostile")
	cases, err := os.ReadFile(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Skip(err)
	}
	n := 0
	for line := range strings.Lines(string(cases)) {
		var c struct{ Surface, Name, File string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface != "zip" || c.File == "" {
			continue
		}
		file, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			t.Fatal(err)
		}
		n++
		list, err := ExtractAll(file)
		t.Logf("%s: %v", c.Name, err)
		for _, f := range list {
			t.Logf("    %q %s %v", f.Name, f.Carrier, f.Err)
			// A JSON file gives its text, whatever it says: the verifier judges it.
			if f.Name == "" || f.Err == nil && f.Carrier != CarrierJSON {
				t.Errorf("%s: %q gave a badge from %s", c.Name, f.Name, f.Carrier)
			}
		}
	}
	t.Logf("%d archives", n)
}
