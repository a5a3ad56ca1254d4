package core

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/share"
)

// TestEmbed: a public badge can be shown on other sites, to everybody alike, and
// no other badge can, whoever asks.
func TestEmbed(t *testing.T) {
	p := startPassport(t, options{})
	v, stranger := p.member("writer"), p.visitor()
	issuer := newSigner(t, "Post office")
	id := v.take(t, issuer, issuer.badge(`Letters "by" <hand>`, "writer@people.test"))
	at := "/oembed?url=" + url.QueryEscape(p.url+"/b/"+id)
	for _, visibility := range []string{"private", "members", "link"} {
		v.post("/b/"+id+"/visibility", "visibility", visibility).is(t, 303)
		for _, who := range []*visitor{v, stranger} {
			who.get("/embed/b/"+id).is(t, 404)
			who.get(at).is(t, 404)
		}
	}
	v.post("/b/"+id+"/visibility", "visibility", "public").is(t, 303)

	mine, theirs := v.get("/embed/b/"+id).is(t, 200), stranger.get("/embed/b/"+id).is(t, 200)
	if !bytes.Equal(mine.body, theirs.body) {
		t.Error("the frame is not the same for everybody")
	}
	policy := theirs.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "frame-ancestors *") || strings.Contains(policy, "script-src") || theirs.header.Get("X-Frame-Options") != "" || theirs.header.Get("Set-Cookie") != "" {
		t.Errorf("headers of a frame: %v", theirs.header)
	}
	for _, no := range []string{"<script", "<form", "csrf"} {
		if strings.Contains(string(theirs.body), no) {
			t.Errorf("a frame with %s", no)
		}
	}
	if french := stranger.get("/embed/b/"+id+"?lang=fr&theme=dark").is(t, 200); !strings.Contains(string(french.body), `lang="fr"`) || !strings.Contains(string(french.body), `data-scheme="dark"`) {
		t.Error("language and theme are not taken")
	}

	var o, x share.OEmbed
	if err := json.Unmarshal(stranger.get(at+"&maxwidth=200").is(t, 200).body, &o); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(stranger.get(at+"&format=xml").is(t, 200).body, &x); err != nil {
		t.Fatal(err)
	}
	if o.Version != "1.0" || o.Type != "rich" || o.Title != `Letters "by" <hand>` || x.Title != o.Title || o.Width != 200 || x.Width != 320 {
		t.Errorf("got %+v and %+v", o, x)
	}
	if !strings.HasPrefix(o.HTML, `<iframe src="`+p.url+"/embed/b/"+id+`" title="Letters &#34;by&#34; &lt;hand&gt;"`) {
		t.Errorf("got %s", o.HTML)
	}
	page := string(stranger.get("/b/"+id).is(t, 200).body)
	if !strings.Contains(page, `type="application/json+oembed"`) || !strings.Contains(page, `type="text/xml+oembed"`) {
		t.Error("the page does not lead to oEmbed")
	}
	for _, bad := range []string{"", "https://elsewhere.example/b/" + id, p.url + "/b/", p.url + "/b/" + id + "/share", p.url + "/@nobody", p.url + "/@writer/share"} {
		stranger.get("/oembed?url="+url.QueryEscape(bad)).is(t, 404)
	}
	stranger.get(at+"&format=yaml").is(t, 501)

	if qr := v.get("/b/"+id+"/qr.svg").is(t, 200); !bytes.HasPrefix(qr.body, []byte("<svg ")) || !strings.Contains(qr.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("QR code: %v", qr.header)
	}
	shown := stranger.get("/b/"+id+"/qr.svg").is(t, 200).body
	v.post("/b/"+id+"/visibility", "visibility", "link").is(t, 303)
	key := p.texts(`SELECT link_secret FROM badge WHERE public_id = $1`, id)[0]
	stranger.get("/b/"+id+"/qr.svg").is(t, 404)
	mine, by := v.get("/b/"+id+"/qr.svg").is(t, 200), stranger.get("/b/"+id+"/qr.svg?key="+key).is(t, 200)
	if bytes.Equal(mine.body, shown) || !bytes.Equal(mine.body, by.body) {
		t.Error("the code of a secret link does not lead there")
	}
	if page := string(stranger.get("/b/"+id+"?key="+key).is(t, 200).body); !strings.Contains(page, p.url+"/b/"+id+"?key="+key) {
		t.Error("on paper the address lacks the secret that the reader has")
	}
	v.post("/b/"+id+"/visibility", "visibility", "private").is(t, 303)
	v.get("/b/"+id+"/qr.svg").is(t, 404)
}
