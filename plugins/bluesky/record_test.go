package bluesky

import (
	"regexp"
	"testing"
)

// A key is a TID, the same for the same share and another for another.
func TestRecordKey(t *testing.T) {
	tid := regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`) // AT Protocol, TID
	seen := map[string]bool{}
	for n := range 2000 {
		key := recordKey(string(rune('a' + n)))
		if !tid.MatchString(key) || seen[key] {
			t.Fatalf("got %q", key)
		}
		seen[key] = true
	}
	if first, again := recordKey("x"), recordKey("x"); first != again {
		t.Errorf("got %s, then %s", first, again)
	}
	if first, last := "3jrrg", "3mb"; recordKey("x")[:5] < first[:2] || recordKey("x")[:2] > last[:2] {
		t.Errorf("got %s, which is not of the years 2023 to 2025", recordKey("x"))
	}
}

// Links are found by their bytes, not by their characters.
func TestFacets(t *testing.T) {
	const own = "https://passport.example/b/1?x=(a)"
	text := "é 👩‍👧 (see https://a.example/b). " + own
	got := facets(text, own)
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	for n, want := range []string{"https://a.example/b", own} {
		if at := got[n].Index; text[at.Start:at.End] != want || got[n].Features[0]["uri"] != want {
			t.Errorf("got %q", text[at.Start:at.End])
		}
	}
	if got := facets("no link", own); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
