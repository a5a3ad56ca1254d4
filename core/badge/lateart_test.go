package badge_test

import (
	"testing"

	"github.com/osier-passport/osier/core/art"
)

// TestArtThatWasMissingIsDrawnLater: by the check that comes again, for the badge and
// its class, and it goes with them.
func TestArtThatWasMissingIsDrawnLater(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "1", "1", "ada@example.org"))
		if b.Thumbnail != "" {
			t.Fatalf("art before there was any: %s", b.Thumbnail)
		}
		p.pass(45 * day)
		p.drain(t)
		drawing, err := art.Placeholder(t.Context(), "Weaver", "seed")
		if err != nil {
			t.Fatal(err)
		}
		p.school.put("/image", "image/png", drawing)
		p.pass(45 * day)
		p.drain(t)
		now, err := p.Mine(t.Context(), ada, b.PublicID)
		if err != nil || now.Thumbnail == "" || now.Class.Thumbnail != now.Thumbnail {
			t.Fatalf("badge %q, class %q, %v", now.Thumbnail, now.Class.Thumbnail, err)
		}
		again := p.hold(t, bob, p.school.signed(t, p.key, "2", "2", "bob@example.org"))
		if again.Class.ID != now.Class.ID || again.Thumbnail != now.Thumbnail {
			t.Errorf("the next one is of class %d with %q, the first of %d with %q", again.Class.ID, again.Thumbnail, now.Class.ID, now.Thumbnail)
		}
	})
}
