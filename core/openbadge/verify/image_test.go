package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestImagesOfClasses: the picture of a class is asked for, and never changes a verdict.
func TestImagesOfClasses(t *testing.T) {
	const picture = site + "/basket.png"
	for _, tt := range []struct {
		name            string
		image           any
		body            []byte
		result          verify.Result
		reason, warning string
	}{
		{"a PNG", picture, []byte("\x89PNG\r\n\x1a\n..."), verify.Pass, "", ""},
		{"an SVG", picture, []byte("<?xml version='1.0'?>\n<!-- ours -->\n<svg xmlns='http://www.w3.org/2000/svg'/>"), verify.Pass, "", ""},
		{"an object", map[string]any{"id": picture, "caption": "A basket"}, []byte("<svg/>"), verify.Pass, "", ""},
		{"a page", picture, []byte("<html>not found"), verify.Pass, "", "image-type"},
		{"gone", picture, nil, verify.Unknown, "http-status", ""},
		{"elsewhere", site + "/other.png", []byte("\x89PNG\r\n\x1a\n"), verify.Unknown, "unavailable", ""},
		{"inside", "data:image/png;base64,iVBORw0KGgo=", nil, verify.Pass, "", ""},
		{"a GIF inside", "data:image/gif;base64,R0lGODlh", nil, verify.Pass, "", "image-type"},
		{"no web", "ipfs://x", nil, verify.Unknown, "bad-address", ""},
		{"none", nil, nil, verify.Pass, "", "image-missing"},
	} {
		for form, w := range map[string]*world{"hosted": hostedWorld(t), "signed": signedWorld(t)} {
			class := issue.Class2(w.plain)
			if class["image"] = tt.image; tt.image == nil {
				delete(class, "image")
			}
			w.docs[w.plain.AchievementID], w.docs[picture] = must(issue.JSON(class)), tt.body
			r := w.check(t)
			wantVerdict(t, r, verify.Valid)
			if s := step(r, verify.CheckImage); s.Result != tt.result || s.Reason != tt.reason || s.Warning != tt.warning {
				t.Errorf("%s, %s: %+v", form, tt.name, s)
			}
			for _, d := range r.Documents {
				if d.Role == verify.RoleImage && (d.Body != nil || len(d.SHA256) != 64) {
					t.Errorf("%s, %s: the picture is kept: %+v", form, tt.name, d)
				}
			}
		}
	}
	if s := step(didWorld(t, "2.0").check(t), verify.CheckImage); s.Name != "" {
		t.Errorf("a 3.0 badge is signed with its picture: %+v", s)
	}
}
