package verify

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
)

// noFetch fails the test when anything is fetched from an address that must never be asked.
type noFetch struct{ count atomic.Int32 }

func (n *noFetch) Fetch(context.Context, string) (Document, error) {
	n.count.Add(1)
	return Document{}, ErrUnavailable
}

func TestHostileCredentials(t *testing.T) {
	dir := sharedDir(t, "hostile")
	for _, c := range hostileCases(t, "vc") {
		t.Run(c.Name, func(t *testing.T) {
			payload, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c.File)))
			if err != nil {
				t.Fatal(err)
			}
			fetches := &noFetch{}
			start := time.Now()
			r := Check(t.Context(), payload, Options{At: vectorClock(), Fetcher: fetches})
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			if r.Verdict == Valid {
				t.Fatal("verdict valid")
			}
			reason := firstReason(r)
			if reason == "" {
				t.Error("no named reason")
			}
			_, pre := Precheck(t.Context(), payload)
			var oe *openbadge.Error
			if c.Demand == "reject-4xx" && !errors.As(pre, &oe) {
				t.Errorf("not refused before fetching: %v", pre)
			}
			if oe != nil && fetches.count.Load() > 0 {
				t.Errorf("fetched although %s", oe)
			}
			t.Logf("%s: %s, precheck %v", r.Verdict, reason, pre)
		})
	}
}

// TestHostileJSON sends texts that are no JSON and badges with fields of wrong types.
func TestHostileJSON(t *testing.T) {
	dir := sharedDir(t, "hostile")
	for _, surface := range []string{"json", "jsonld", "rdfc"} {
		for _, c := range hostileCases(t, surface) {
			payload := []byte(c.Value)
			var text string
			if c.File != "" {
				b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c.File)))
				if err != nil {
					t.Fatal(err)
				}
				payload = b
			} else if json.Unmarshal(c.Value, &text) == nil {
				payload = []byte(text)
			}
			r := Check(t.Context(), payload, Options{At: vectorClock()})
			if r.Verdict == Valid || firstReason(r) == "" {
				t.Errorf("%s: %s %q", c.Name, r.Verdict, firstReason(r))
			}
			_, err := Precheck(t.Context(), payload)
			var oe *openbadge.Error
			if strings.HasPrefix(c.Demand, "reject-4xx") && !errors.As(err, &oe) {
				t.Errorf("%s: not refused: %v", c.Name, err)
			}
		}
	}
}

func firstReason(r Report) string {
	for _, c := range r.Checks {
		if c.Result == Fail || c.Result == Unknown {
			return c.Reason
		}
	}
	return ""
}

func TestHostileTokens(t *testing.T) {
	for _, c := range hostileCases(t, "jwt") {
		if strings.HasPrefix(c.Demand, "verify ") {
			jwsVector(t, c)
			continue
		}
		var token string
		if json.Unmarshal(c.Value, &token) != nil {
			continue
		}
		if c.Demand == "accept" && !controlToken(t, token) {
			t.Errorf("%s: signature refused", c.Name)
		}
		if r := Check(t.Context(), []byte(token), Options{At: vectorClock()}); r.Verdict == Valid {
			t.Errorf("%s: valid", c.Name)
		}
	}
}

// controlToken verifies the one token that is as it should be; it is no badge.
func controlToken(t *testing.T, token string) bool {
	t.Helper()
	set := readJSON[struct {
		JWKS struct{ Keys []map[string]any }
	}](t, filepath.Join(sharedDir(t, "hostile"), "jwt-keys.json"))
	return slices.ContainsFunc(set.JWKS.Keys, func(jwk map[string]any) bool { return verifyVector(token, jwk) })
}

// jwsVector holds a signature vector against the verifier of compact JWS. Encryption is not
// ours, shared secrets are never taken, and one key names an algorithm that does not exist.
func jwsVector(t *testing.T, c hostileCase) {
	t.Helper()
	var v struct {
		JWS   string
		Group struct{ Public, Private map[string]any }
	}
	if err := json.Unmarshal(c.Value, &v); err != nil {
		t.Fatal(err)
	}
	set := v.Group.Public
	if set == nil {
		set = v.Group.Private
	}
	keys := []any{set}
	if list, ok := set["keys"].([]any); ok {
		keys = list
	}
	got := false
	for _, k := range keys {
		jwk, _ := k.(map[string]any)
		delete(jwk, "d")
		alg, _ := jwk["alg"].(string)
		want := c.Demand == "verify true"
		if want && (jwk["kty"] == "oct" || alg == "ES521" || strings.Contains(c.Name, "encryption") || strings.Contains(c.Name, "crypto")) {
			return
		}
		got = got || verifyVector(v.JWS, jwk)
	}
	if want := c.Demand == "verify true"; got != want {
		t.Errorf("%s: got %v, want %v", c.Name, got, want)
	}
}

func verifyVector(token string, jwk map[string]any) bool {
	k, err := jwkKey(jwk)
	if err != nil || strings.Count(token, ".") != 2 {
		return false
	}
	header, err := openHeader(token)
	if err != nil {
		return false
	}
	kid, has := header["kid"]
	_, crit := header["crit"]
	alg, _ := header["alg"].(string)
	return !crit && (!has || k.kid == "" || kid == k.kid) && verifyJWS([]byte(token), k, alg)
}

func openHeader(token string) (map[string]any, error) {
	// the payload of a vector is no JSON: only the header is of interest here
	e, err := openbadge.Open([]byte(strings.SplitN(token, ".", 2)[0] + ".e30.AA"))
	if err != nil {
		return nil, err
	}
	return e.Header.Map(), nil
}
