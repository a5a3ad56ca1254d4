package core

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/sign"
)

// contexts of JSON-LD that the credentials of this test name, in core/openbadge/ld/contexts.
var contexts = map[string]string{
	"https://www.w3.org/ns/credentials/v2":                        "vc-v2.json",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json":  "ob-v3.0.3.json",
	"https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": "clr-v2.0.1.json",
	"https://w3id.org/security/multikey/v1":                       "multikey-v1.json",
	"https://w3id.org/security/data-integrity/v2":                 "data-integrity-v2.json",
}

// TestSignedCredentialsVerifyElsewhere: an endorsement by a member, one by somebody
// without an account and a CLR 2.0 verify with libraries that are not ours, by the
// DID documents of the running passport, and with one byte changed they do not.
func TestSignedCredentialsVerifyElsewhere(t *testing.T) {
	e := newEndorsing(t)
	e.bob.post("/b/"+e.badge+"/endorse", "text", "**Truly** round, “évidemment”", "skill", "weaving").is(t, 303)
	e.ada.post("/endorsements/"+e.id("written"), "action", "accept").is(t, 303)
	member := string(e.visitor().get("/endorsements/"+e.id("accepted")+"/credential").is(t, 200).body)
	e.ada.post("/b/"+e.badge+"/endorse/ask", "address", "dora@elsewhere.test").is(t, 303)
	e.visitor().post(e.invitation("dora@elsewhere.test"), "name", "Dora", "text", "She did it all.").is(t, 303)
	id := e.id("written")
	e.ada.post("/endorsements/"+id, "action", "accept").is(t, 303)
	outsider := string(e.visitor().get("/endorsements/"+id+"/credential").is(t, 200).body)
	record := e.record()
	verdicts := e.elsewhere(map[string]string{
		"member": member, "outsider": outsider, "record": record,
		"changed member":   strings.Replace(member, "round", "sound", 1),
		"changed outsider": strings.Replace(outsider, "She did", "He did", 1),
		"changed record":   strings.Replace(record, "Second basket", "Golden basket", 1),
		"changed proof":    strings.Replace(record, `"name":"Badges of Ada"`, `"name":"Badges of Bob"`, 1),
	})
	for name, why := range verdicts {
		if verified := why == nil; verified == strings.HasPrefix(name, "changed") {
			t.Errorf("%s verifies elsewhere: %v, %v", name, verified, why)
		}
	}
	if len(verdicts) != 7 {
		t.Errorf("%d verdicts", len(verdicts))
	}
	e.bob.post("/endorsements/"+e.texts(`SELECT public_id FROM endorsement WHERE person <> 0`)[0], "action", "withdraw").is(t, 303)
	after := e.elsewhere(map[string]string{"member": member, "outsider": outsider})
	switch why := after["member"]; {
	case why == nil:
		t.Error("elsewhere what was withdrawn verifies")
	case !strings.Contains(*why, "revoked"):
		t.Errorf("elsewhere what was withdrawn is not revoked: %s", *why)
	}
	if why := after["outsider"]; why != nil {
		t.Errorf("another's list: %s", *why)
	}
}

// record is a signed CLR 2.0 of two embedded badges, one with an endorsement, and a
// VC-JWT; a badge of OB 2.0 cannot be in it.
func (e *endorsing) record() string {
	e.t.Helper()
	voucher := string(e.visitor().get("/endorsements/"+e.texts(`SELECT public_id FROM endorsement WHERE person <> 0`)[0]+"/credential").is(e.t, 200).body)
	issuer := newSigner(e.t, "Willow College")
	token, err := issuer.key.Token(issue.Credential3(issuer.badge("Third basket", "ada@people.test")), nil)
	if err != nil {
		e.t.Fatal(err)
	}
	record, left, err := e.sign.Record(e.t.Context(), sign.Record{
		Name: "Badges of Ada", Site: "Osier", Address: "ada@people.test", Partial: true,
		Endorsements: [][][]byte{{[]byte(voucher)}}, Credentials: [][]byte{
			e.ada.get("/b/"+e.badge+"/download/received").is(e.t, 200).body, issuer.sign(e.t, issuer.badge("Second basket", "ada@people.test")), []byte(`{"@context": "https://w3id.org/openbadges/v2"}`), token,
		},
	})
	if err != nil || len(left) != 1 || left[0] != 2 {
		e.t.Fatalf("left out: %v, %v", left, err)
	}
	r := e.badges.Look(e.t.Context(), record)
	vouched := slices.ContainsFunc(r.Checks, func(s verify.Step) bool { return s.Name == verify.CheckEndorsement && s.Result == verify.Pass })
	if r.Verdict != verify.Valid || !vouched {
		e.t.Errorf("here the record is %s: %+v", r.Verdict, r.Checks)
	}
	if inside, err := badge.Contained(e.t.Context(), record); err != nil || len(inside) != 3 || inside[0].Err != nil || inside[1].Err != nil || inside[2].Err != nil {
		e.t.Errorf("%d badges are read from the record: %v", len(inside), err)
	}
	if changed := bytes.Replace(record, []byte("Second basket"), []byte("Golden basket"), 1); e.badges.Look(e.t.Context(), changed).Verdict != verify.Invalid {
		e.t.Error("here a changed record is not invalid")
	}
	return string(record)
}

// elsewhere gives for each credential why it does not verify, nil where it does.
func (e *endorsing) elsewhere(credentials map[string]string) map[string]*string {
	e.t.Helper()
	files := map[string]string{}
	for address, name := range contexts {
		path, err := filepath.Abs(filepath.Join("openbadge", "ld", "contexts", name))
		if err != nil {
			e.t.Fatal(err)
		}
		files[address] = path
	}
	return byOthers[map[string]*string](e.t, "verify", map[string]any{"host": "passport.example.org", "base": "http://" + e.address, "contexts": files, "credentials": credentials})
}

// byOthers asks a script of test/verifier, which runs libraries that are not ours.
func byOthers[T any](t testing.TB, script string, question any) (answer T) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	installed := filepath.Join(root, "test", ".verifier", "node_modules")
	if _, err := os.Stat(installed); err != nil {
		if os.Getenv("OSIER_TEST_VERIFIER") == "required" {
			t.Fatal("the independent verifier is not installed, though there is npm: test/prepare did not do it")
		}
		t.Skip("the independent verifier is not installed: test/prepare does it")
	}
	text, err := os.ReadFile(filepath.Join(root, "test", "verifier", script+".js"))
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(filepath.Dir(installed), script+".mjs") // beside its libraries
	if err := os.WriteFile(run, text, 0o600); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", run)
	node.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	node.Stderr = &stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return answer
}
