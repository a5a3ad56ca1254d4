package core

import (
	"fmt"
	"runtime"
	"testing"
)

// TestDrawingForManyAtOnce: previews that many ask for at one time are drawn one
// after the other. Memory stays, and pages are answered meanwhile.
func TestDrawingForManyAtOnce(t *testing.T) {
	p := startPassport(t, options{})
	v := p.member("artist")
	issuer := newSigner(t, "Issuer")
	var ids []string
	for i := range 12 {
		id := v.take(t, issuer, issuer.badge(fmt.Sprint("Badge number ", i), "artist@people.test"))
		v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)
		ids = append(ids, id)
	}
	runtime.GC()
	before := memory(t, "VmRSS:")
	resetPeak()
	statuses := together(60, func(i int) answer {
		visitor := p.visitor()
		switch i % 5 {
		case 4:
			return visitor.get("/b/" + ids[i%12])
		case 3:
			return visitor.get("/@artist/card.png")
		case 2:
			return visitor.get("/b/"+ids[i%12]+"/card.png", "Accept-Language", "fr")
		}
		return visitor.get("/b/" + ids[i%12] + "/card.png")
	})
	if statuses[200]+statuses[503] != 60 || statuses[200] < 15 {
		t.Errorf("%v", statuses)
	}
	if growth := memory(t, "VmHWM:") - before; growth > 128<<20 && !raceEnabled {
		t.Errorf("memory grew by %d MiB", growth>>20)
	}
}
