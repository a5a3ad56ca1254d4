package core

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/file"
)

// keepFiles sends pictures, drawings, archives and documents as files. What is
// taken is what its bytes are, comes back as a download that runs nothing, and a
// picture is ours: nothing of theirs but its pixels is in it.
func (s *siege) keepFiles(t *testing.T) {
	var types []string
	for _, k := range file.Kinds() {
		types = append(types, k.Type)
	}
	for _, surface := range []string{"png", "svg", "zip"} {
		s.forEach(t, surface, func(c hostileCase) {
			data := c.data(t)
			if len(data) > 8<<20 {
				return
			}
			v := s.someone()
			a := s.check(t, c, v.upload("/files", "file", c.Name, data))
			if a.status != http.StatusSeeOther {
				return
			}
			list := s.texts(`SELECT f.public_id FROM file f WHERE f.person = $1 ORDER BY f.id DESC LIMIT 1`, v.person.ID)
			if len(list) == 0 {
				return // it was there already
			}
			got := s.check(t, c, v.get("/files/"+list[0]+"/download"))
			kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
			if !slices.Contains(types, kind) || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment;") || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s %s comes back as %v", surface, c.Name, got.header)
			}
			for _, chunk := range []string{"tEXt", "zTXt", "iTXt", "eXIf", "iCCP", "<svg", "<script"} {
				if strings.HasPrefix(kind, "image/") && bytes.Contains(got.body, []byte(chunk)) {
					t.Errorf("%s %s: the picture has %s in it", surface, c.Name, chunk)
				}
			}
		})
	}
}
