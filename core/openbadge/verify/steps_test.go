package verify

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// stepFiles runs the intermediate values of the W3C specifications: canonical forms, hashes,
// signatures, keys and the parts of a derived proof. It notes each file that it compares.
type stepFiles struct {
	dir  string
	seen map[string]bool
}

// TestSpecificationSteps compares every step file of the Data Integrity specifications.
func TestSpecificationSteps(t *testing.T) {
	s := &stepFiles{sharedDir(t, "vectors"), map[string]bool{}}
	eddsa, ecdsa := "w3c+vc-di-eddsa/TestVectors/", "w3c+vc-di-ecdsa/TestVectors/"
	s.suite(t, eddsa+"unsigned.json", eddsa+"eddsa-rdfc-2022/", "DataInt", false)
	s.suite(t, eddsa+"unsigned.json", eddsa+"Ed25519Signature2020/", "EdSig", false)
	s.suite(t, eddsa+"unsigned.json", eddsa+"eddsa-jcs-2022/", "JCS", true)
	s.suite(t, ecdsa+"unsigned.json", ecdsa+"ecdsa-rdfc-2019-p256/", "ECDSAP256", false)
	s.suite(t, ecdsa+"unsigned.json", ecdsa+"ecdsa-jcs-2019-p256/", "JCSECDSAP256", true)
	s.keys(t, eddsa+"keyPair.json", ecdsa+"p256KeyPair.json")
	s.derived(t, ecdsa)
	s.others(t, eddsa+"employmentAuth.json", ecdsa+"employmentAuth.json", ecdsa+"prCredUnsigned.json")
	s.complete(t)
}

func (s *stepFiles) read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	s.seen[file] = true
	return b
}

func (s *stepFiles) text(t *testing.T, file string) string {
	t.Helper()
	return strings.TrimSpace(string(s.read(t, file)))
}

func (s *stepFiles) object(t *testing.T, file string) map[string]any {
	t.Helper()
	v, err := strictjson.Decode(s.read(t, file), strictjson.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return asObject(v)
}

func (s *stepFiles) into(t *testing.T, file string, v any) {
	t.Helper()
	if err := json.Unmarshal(s.read(t, file), v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func canonicalText(t *testing.T, v map[string]any, jcs bool) []byte {
	t.Helper()
	var b []byte
	var err error
	if jcs {
		b, err = strictjson.JCS(v)
	} else {
		b, err = ld.Canonical(t.Context(), v, crypto.SHA256)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// suite holds the canonical forms, hashes and the signature of one suite.
func (s *stepFiles) suite(t *testing.T, doc, dir, name string, jcs bool) {
	t.Helper()
	document := canonicalText(t, s.object(t, doc), jcs)
	config := canonicalText(t, s.object(t, dir+"proofConfig"+name+".json"), jcs)
	for file, got := range map[string]string{
		"canonDoc":     strings.TrimSpace(string(document)),
		"proofCanon":   strings.TrimSpace(string(config)),
		"docHash":      hexHash(document),
		"proofHash":    hexHash(config),
		"combinedHash": hexHash(config) + hexHash(document),
	} {
		if want := s.text(t, dir+file+name+".txt"); got != want {
			t.Errorf("%s%s: got\n%s\nwant\n%s", dir, file, got, want)
		}
	}
	sig, err := decodeMultibase(s.text(t, dir+"sigBTC58"+name+".txt"))
	if err != nil || hex.EncodeToString(sig) != s.text(t, dir+"sigHex"+name+".txt") {
		t.Errorf("%s: signature %x, %v", dir, sig, err)
	}
}

func (s *stepFiles) keys(t *testing.T, files ...string) {
	t.Helper()
	for _, f := range files {
		if _, err := multikey(asString(s.object(t, f)["publicKeyMultibase"])); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// derived holds the parts of a derived ecdsa-sd-2023 proof.
func (s *stepFiles) derived(t *testing.T, dir string) {
	t.Helper()
	prc := dir + "ecdsa-sd-2023/prc/"
	var base []string
	s.into(t, prc+"addBaseDocCanon.json", &base)
	// prCredUnsigned.json has another description than the document that was signed
	if got := canonicalText(t, valueOf(s.object(t, prc+"addSignedSDBase.json")).Without("proof").Map(), false); string(got) != strings.Join(base, "") {
		t.Errorf("base document: got\n%s", got)
	}
	config := canonicalText(t, s.object(t, prc+"addProofConfig.json"), false)
	if strings.TrimSpace(string(config)) != s.text(t, prc+"addProofConfigCanon.txt") {
		t.Errorf("proof configuration: got\n%s", config)
	}
	reveal := s.object(t, prc+"derivedRevealDocument.json")
	proof := asObject(firstOfList(reveal["proof"]))
	p, err := parseDerived(asString(proof["proofValue"]))
	if err != nil {
		t.Fatal(err)
	}
	s.proofValue(t, prc, p)
	unsigned := valueOf(reveal).Without("proof").Map()
	if want := s.object(t, prc+"derivedUnsignedReveal.json"); !reflect.DeepEqual(unsigned, want) {
		t.Error("the revealed document differs")
	}
	s.verifyData(t, prc, p, string(canonicalText(t, unsigned, false)), config)
}

// proofValue holds the parts of the proof value (VC-DI-ECDSA §3.5.8).
func (s *stepFiles) proofValue(t *testing.T, prc string, p derivedProof) {
	t.Helper()
	var want struct {
		BaseSignature, PublicKey string
		Signatures               []string
		LabelMap                 [][2]string
		MandatoryIndexes         []int
	}
	s.into(t, prc+"verifyDerivedProofValue.json", &want)
	key, err := decodeMultibase(want.PublicKey)
	if err != nil || !bytes.Equal(key, p.ephemeral) || hex.EncodeToString(p.baseSignature) != want.BaseSignature {
		t.Errorf("key %x, signature %x", p.ephemeral, p.baseSignature)
	}
	labels := map[string]string{}
	for _, l := range want.LabelMap {
		labels[l[0]] = l[1]
	}
	places := map[int]bool{}
	for _, i := range want.MandatoryIndexes {
		places[i] = true
	}
	if !reflect.DeepEqual(p.labels, labels) || !reflect.DeepEqual(p.mandatory, places) || !slices.Equal(hexes(p.signatures), want.Signatures) {
		t.Errorf("labels %v, mandatory %v", p.labels, p.mandatory)
	}
	var same struct {
		BaseSignature    string
		Signatures       []string
		MandatoryIndexes []int
	}
	s.into(t, prc+"derivedDisclosureData.json", &same)
	if same.BaseSignature != want.BaseSignature || !slices.Equal(same.Signatures, want.Signatures) || !slices.Equal(same.MandatoryIndexes, want.MandatoryIndexes) {
		t.Error("what was disclosed is not what the proof holds")
	}
	var adjusted struct{ AdjMandatoryIndexes []int }
	s.into(t, prc+"derivedAdjMandatoryIndexes.json", &adjusted)
	var filtered struct{ FilteredSignatures []string }
	s.into(t, prc+"derivedAdjSignatures.json", &filtered)
	if !slices.Equal(adjusted.AdjMandatoryIndexes, want.MandatoryIndexes) || !slices.Equal(filtered.FilteredSignatures, want.Signatures) {
		t.Error("the holder's indexes are not what the proof holds")
	}
}

func hexes(list [][]byte) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = hex.EncodeToString(b)
	}
	return out
}

// verifyData holds what is verified (VC-DI-ECDSA §3.5.9): statements, hashes, and the base
// proof that the same signatures come from.
func (s *stepFiles) verifyData(t *testing.T, prc string, p derivedProof, canonical string, config []byte) {
	t.Helper()
	var quads []string
	s.into(t, prc+"verifyNQuads.json", &quads)
	var data struct {
		BaseSignature, ProofHash, MandatoryHash string
		NonMandatory                            []string
	}
	s.into(t, prc+"verifyCreateVerifyData.json", &data)
	shown, mandatory := p.split(canonical)
	all := slices.Sorted(slices.Values(slices.Concat(shown, mandatory)))
	if !slices.Equal(all, quads) || !slices.Equal(shown, data.NonMandatory) {
		t.Errorf("statements: got\n%q\nwant\n%q", all, quads)
	}
	var base struct{ ProofHash, MandatoryHash string }
	s.into(t, prc+"addHashData.json", &base)
	for got, want := range map[string][2]string{
		hexHash(config): {data.ProofHash, base.ProofHash},
		hexHash([]byte(strings.Join(mandatory, ""))): {data.MandatoryHash, base.MandatoryHash},
	} {
		if want != [2]string{got, got} {
			t.Errorf("hash %s, want %v", got, want)
		}
	}
	var raw, recovered struct {
		BaseSignature string
		Signatures    []string
	}
	s.into(t, prc+"addRawBaseSignatureInfo.json", &raw)
	s.into(t, prc+"derivedRecoveredBaseData.json", &recovered)
	if raw.BaseSignature != data.BaseSignature || !reflect.DeepEqual(raw, recovered) {
		t.Error("the base proof has other signatures")
	}
	s.issuerQuads(t, prc, quads)
}

// issuerQuads: what the holder shows are statements that the issuer made.
func (s *stepFiles) issuerQuads(t *testing.T, prc string, shown []string) {
	t.Helper()
	var hmac []string
	s.into(t, prc+"addBaseDocHMACCanon.json", &hmac)
	var groups struct{ CombinedIndexes []int }
	s.into(t, prc+"derivedGroupIndexes.json", &groups)
	var combined []string
	for _, i := range groups.CombinedIndexes {
		combined = append(combined, hmac[i])
	}
	if !slices.Equal(combined, shown) {
		t.Errorf("got\n%q\nwant\n%q", combined, shown)
	}
}

// others canonicalises documents that come without expected values.
func (s *stepFiles) others(t *testing.T, files ...string) {
	t.Helper()
	for _, f := range files {
		if len(canonicalText(t, s.object(t, f), false)) == 0 {
			t.Errorf("%s: nothing", f)
		}
	}
}

// complete fails for a step file that was not compared. Those of the issuer's and the
// holder's own software, which Osier is not, hold pointers and groups that no verifier sees.
func (s *stepFiles) complete(t *testing.T) {
	t.Helper()
	notOurs := []string{
		"SDKeyMaterial.json", "addBaseTransform.json", "addPointerValues.json", "derivedAllGroupData.json",
		"employMandatory.json", "employSelective.json", "prCredMandatory.json", "prCredSelective.json",
	}
	left := 0
	for _, rec := range readJSON[[]record](t, filepath.Join(s.dir, "manifest.json")) {
		switch {
		case rec.Kind != "di-step" || s.seen[rec.File]:
		case slices.Contains(notOurs, filepath.Base(rec.File)):
			left++
		default:
			t.Errorf("%s was not compared", rec.File)
		}
	}
	t.Logf("%d step files compared, %d of issuers and holders left out", len(s.seen), left)
}
