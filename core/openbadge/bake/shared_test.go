package bake

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sharedDir finds the folder of test material beside the checkout, or skips.
func sharedDir(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no module root")
		}
		dir = parent
	}
	shared := filepath.Join(filepath.Dir(dir), "shared")
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no shared test material in this checkout")
	}
	return shared
}

func TestVectorsCarryTheirCredential(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "vectors")
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Skip(err)
	}
	var records []struct{ File, Kind, Expect, Role, Verdict string }
	if err := json.Unmarshal(raw, &records); err != nil {
		t.Fatal(err)
	}
	carriers := map[string]Carrier{
		"baked-png": CarrierPNG, "baked-svg": CarrierSVG, "vc-jwt": CarrierJWS, "ob2-jws": CarrierJWS,
		"vc-json": CarrierJSON, "ob2-json": CarrierJSON, "clr-json": CarrierJSON,
	}
	n := 0
	for _, r := range records {
		want, ok := carriers[r.Kind]
		baked := strings.HasPrefix(r.Kind, "baked-")
		if !ok && r.Kind != "image" || !baked && r.Expect != "valid" && r.Kind != "image" {
			continue
		}
		file, err := os.ReadFile(filepath.Join(dir, r.File))
		if err != nil {
			t.Fatal(err)
		}
		n++
		f, err := Extract(file)
		if r.Kind == "image" {
			if err == nil && f.Carrier != CarrierJSON {
				t.Errorf("%s: a plain image gave a badge %q", r.File, f.Payload[:min(40, len(f.Payload))])
			}
			continue
		}
		if err != nil && r.Expect == "" {
			t.Logf("%s: %v", r.File, err)
			continue
		}
		if err != nil {
			t.Errorf("%s (%s, %s): %v", r.File, r.Kind, r.Expect, err)
			continue
		}
		if f.Carrier != want || sniff(f.Payload) == formNone {
			t.Errorf("%s: carrier %s, payload %.60q", r.File, f.Carrier, f.Payload)
		}
		if sniff(f.Payload) == formJSON && r.Expect == "valid" && !json.Valid(f.Payload) {
			t.Errorf("%s: payload is no JSON: %.60q", r.File, f.Payload)
		}
	}
	t.Logf("%d vectors", n)
}

func TestHostileFilesAreRefused(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "hostile")
	cases, err := os.ReadFile(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Skip(err)
	}
	// The extracted text of these is judged by the caller: an address that the
	// fetcher refuses, a token that the verifier refuses.
	judgedLater := map[string]bool{"own/itxt_url_metadata.png": true, "own/jwt_alg_none_baked.png": true}
	n := 0
	for line := range strings.Lines(string(cases)) {
		var c struct{ Surface, Name, Demand, File string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface != "png" && c.Surface != "svg" || c.File == "" {
			continue
		}
		file, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			continue // the big ones are made by the tests themselves
		}
		n++
		f, err := Extract(file)
		if err == nil && !judgedLater[c.Name] && !strings.HasPrefix(c.Demand, "accept-inert") {
			t.Errorf("%s: demand %q, got %s %.60q", c.Name, c.Demand, f.Carrier, f.Payload)
		}
		if err == nil {
			t.Logf("%s: %s %.40q", c.Name, f.Carrier, f.Payload)
			if c.Surface == "png" && len(f.Payload) > MaxPayload {
				t.Errorf("%s: payload of %d bytes", c.Name, len(f.Payload))
			}
		}
	}
	t.Logf("%d hostile files", n)
}
