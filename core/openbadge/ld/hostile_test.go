package ld

import (
	"crypto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// TestHostileDocuments runs the context tricks and edge cases that others
// collected: each ends soon, and no trick has a canonical form.
func TestHostileDocuments(t *testing.T) {
	dir := shared(t, "hostile")
	for _, pattern := range []string{"vc/own/*.json", "jsonld/w3c/*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) { hostileCase(t, file) })
		}
	}
}

func hostileCase(t *testing.T, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	v, err := strictjson.Decode(b, strictjson.Limits{})
	if err != nil {
		return
	}
	_, err = Canonical(t.Context(), v, crypto.SHA256)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if err != nil && reasonOf(err) == "" {
		t.Errorf("error of another type: %v", err)
	}
	name := filepath.Base(file)
	// The order of contexts is the verifier's to check.
	if strings.HasPrefix(name, "ctx_") && name != "ctx_wrong_order.json" && err == nil {
		t.Error("accepted")
	}
	t.Log(err)
}
