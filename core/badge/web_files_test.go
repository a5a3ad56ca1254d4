package badge

import "testing"

func TestStrangersDoNotSeeTheNameOfTheFile(t *testing.T) {
	b := Badge{Filename: "Ada Lovelace.PNG", Carrier: "png", Class: Class{Name: "Épée, level 1"}}
	for own, want := range map[bool]string{true: "Ada Lovelace.PNG", false: "epee-level-1.png"} {
		if got := receivedName(b, own); got != want {
			t.Errorf("own %v: got %q, want %q", own, got, want)
		}
	}
}
