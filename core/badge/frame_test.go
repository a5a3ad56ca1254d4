package badge_test

import (
	"bytes"
	"testing"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// TestAPictureIsKeptOnce for all badges that it was baked with, whoever writes them; each
// comes back byte for byte, and the picture goes with the last.
func TestAPictureIsKeptOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		p := open(t, b)
		drawing := `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>`
		svg, err := bake.SVG([]byte(drawing), "3.0", p.credential(t, "svg", "ada@example.org", nil), "")
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{"worker": p.picture(t, "0"), "at once": p.picture(t, "1"), "together": p.picture(t, "2"), "svg": svg}
		im := map[string]badge.Import{"worker": p.take(t, ada, files["worker"]), "at once": p.take(t, ada, files["at once"]), "svg": p.take(t, ada, svg)}
		p.upload(t, ada, badge.Upload{File: files["together"], Filename: "a.png", More: []badge.File{{Name: "b.png", Data: files["worker"]}}})
		if err := p.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "badge_frame"); n != 2 {
			t.Errorf("%d pictures of two", n)
		}
		list, err := p.List(t.Context(), ada, badge.Range{Limit: 10})
		if err != nil || len(list) != len(files) {
			t.Fatalf("%d badges, %v", len(list), err)
		}
		whole := 0
		for _, b := range list {
			_, data, err := p.ReceivedFile(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if bytes.Equal(f, data) {
					whole++
				}
			}
		}
		if whole != len(files) {
			t.Errorf("%d files of %d come back as they were", whole, len(files))
		}
		if n, err := db.One[int](b.Read().QueryRow(t.Context(), `SELECT count(*) FROM blob WHERE hash IN (SELECT received FROM badge)`)); err != nil || n != 0 {
			t.Errorf("%d files are kept whole, %v", n, err)
		}
		for name := range im {
			if err := p.Remove(t.Context(), ada, im[name].Badge); err != nil {
				t.Fatal(err)
			}
		}
		if n := p.rows(t, "badge_frame"); n != 1 {
			t.Errorf("%d pictures of a badge that is left", n)
		}
		left, err := p.List(t.Context(), ada, badge.Range{Limit: 10})
		if err != nil || len(left) != 1 {
			t.Fatalf("%d badges are left, %v", len(left), err)
		}
		if err := p.Remove(t.Context(), ada, left[0].PublicID); err != nil {
			t.Fatal(err)
		}
		if n := p.rows(t, "badge_frame") + p.rows(t, "blob"); n != 0 {
			t.Errorf("%d pictures and files are left of badges that are gone", n)
		}
	})
}
