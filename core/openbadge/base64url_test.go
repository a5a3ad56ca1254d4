package openbadge

import (
	"encoding/base64"
	"testing"
)

func TestSegmentsAreDecodedAsTheStandardLibraryDoes(t *testing.T) {
	all := make([]byte, 0, 40)
	for c := range 40 {
		all = append(all, byte(c*7))
	}
	for n := range len(all) {
		text := base64.RawURLEncoding.EncodeToString(all[:n])
		sameAsStandard(t, text)
		for at := range text {
			for _, c := range "=+/\n\r .\x00\x80A" {
				sameAsStandard(t, text[:at]+string(c)+text[at:])
				if n%16 == 0 {
					sameAsStandard(t, text[:at]+string(c)+text[at+1:])
				}
			}
		}
	}
}

func TestLongSegmentsAreDecodedAsTheStandardLibraryDoes(t *testing.T) {
	all := make([]byte, 5000)
	for i := range all {
		all[i] = byte(i * i)
	}
	for _, n := range []int{1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025, 2040, 2046, 4999, 5000} {
		text := base64.RawURLEncoding.EncodeToString(all[:n])
		sameAsStandard(t, text)
		sameAsStandard(t, text+"*")
		sameAsStandard(t, text[:n]+"\n"+text[n:])
	}
}

func sameAsStandard(t *testing.T, text string) {
	t.Helper()
	want, wantErr := base64.RawURLEncoding.Strict().DecodeString(text)
	got, err := decodeSegment([]byte(text), "payload")
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q: got error %v, the standard library has %v", text, err, wantErr)
	}
	if err == nil && got != string(want) {
		t.Fatalf("%q: got %q, want %q", text, got, want)
	}
}

func FuzzSegment(f *testing.F) {
	for _, s := range []string{"", "AA", "QUJDREVGRw", "QUJD\nREVGRw", "QUJDREVGR!"} {
		f.Add(s)
	}
	f.Fuzz(sameAsStandard)
}
