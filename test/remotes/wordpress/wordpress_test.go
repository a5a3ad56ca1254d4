package wordpress_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes/target"
	"github.com/osier-passport/osier/test/remotes/wordpress"
)

func fields() map[string]string {
	return map[string]string{"site": "https://blog.example/wp-admin/", "user": " " + wordpress.User, "password": wordpress.Password}
}

func TestWordPress(t *testing.T) {
	for name, site := range map[string]*wordpress.Site{"pretty": {}, "plain": {Plain: true}, "no bin": {NoBin: true}} {
		t.Run(name, func(t *testing.T) {
			p := target.Start(t, "wordpress")
			p.Fake("blog.example", site)
			share := target.Share("post", "k1", fields())
			share.Text = "See:\n[gallery] <b>this</b>"
			posted := p.Post(share)
			made := site.Posts()[0]
			if posted.GetRemoteId() != "100" || posted.GetUrl() != "https://blog.example/"+made.Slug+"/" || made.Title != "Basket weaving <&>" || made.Status != "publish" {
				t.Errorf("got %v of %+v", posted, made)
			}
			for _, want := range []string{"<p>See:</p>", "<p>&#91;gallery&#93; &lt;b&gt;this&lt;/b&gt;</p>", `<p><a href="https://passport.example/b/7KxQ2m">Basket weaving &lt;&amp;&gt; – Weavers’ Guild</a></p>`} {
				if !strings.Contains(made.Content, want) {
					t.Errorf("%s is not in %s", want, made.Content)
				}
			}
			draft := target.Share("post", "k2", fields())
			draft.Options = map[string]string{"status": "draft"}
			if posted := p.Post(draft); posted.GetUrl() != "" || site.Posts()[1].Status != "draft" {
				t.Errorf("a draft: got %v of %+v", posted, site.Posts()[1])
			}
			p.RetractTwice("post", posted, share.GetGrant())
			for _, left := range site.Posts() {
				if left.ID == 100 && left.Status != "trash" {
					t.Errorf("left: %+v", left)
				}
			}
			if a, f := p.Account("post", fields()); f != nil || a.GetId() != "blog.example#7" || a.GetName() != "Ada, blog.example" || a.GetUrl() != "https://blog.example/author/ada/" {
				t.Errorf("got %v, %v", a, f)
			}
		})
	}
}

// A post whose answer was lost is found; one that never came is surely not there; and
// when the site cannot be asked nobody knows.
func TestLookAfter(t *testing.T) {
	p := target.Start(t, "wordpress")
	site := &wordpress.Site{}
	remote := p.Fake("blog.example", site)
	share := target.Share("post", "k1", fields())
	look := func() *wire.ShareResponse {
		a, err := p.Resume(t.Context(), &wire.ResumeRequest{Share: share, Uncertain: true})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if f := look().GetFailure(); f.GetCode() != wire.Failure_CODE_RETRY {
		t.Errorf("before: got %v", f)
	}
	p.Lost(remote, share)
	if got := look().GetPosted(); got.GetRemoteId() != "100" {
		t.Errorf("after: got %v", got)
	}
	p.World.Add("blog.example", nil)
	if f := look().GetFailure(); f.GetCode() != wire.Failure_CODE_UNCERTAIN {
		t.Errorf("while it is away: got %v", f)
	}
}

// Each way in which a site refuses has words of its own.
func TestRefusals(t *testing.T) {
	p := target.Start(t, "wordpress")
	share := target.Share("post", "k1", fields())
	wrong := fields()
	wrong["password"] = "another"
	tests := map[string]struct {
		site   *wordpress.Site
		fields map[string]string
		code   wire.Failure_Code
	}{
		"header":   {&wordpress.Site{Stripped: true}, fields(), wire.Failure_CODE_REAUTH},
		"password": {&wordpress.Site{}, wrong, wire.Failure_CODE_REAUTH},
		"rights":   {&wordpress.Site{Reader: true}, fields(), wire.Failure_CODE_REJECTED},
	}
	for key, test := range tests {
		remote := p.Fake("blog.example", test.site)
		f := p.Refuse(target.Share("post", "k1", test.fields), wordpress.Password)
		if f.GetKey() != key || f.GetCode() != test.code || remote.Calls() != 1 {
			t.Errorf("%s: got %v", key, f)
		}
		if key == "rights" {
			continue
		}
		if _, f := p.Account("post", test.fields); f.GetKey() != key || f.GetCode() != wire.Failure_CODE_REAUTH {
			t.Errorf("whose account, %s: got %v", key, f)
		}
	}
	p.Refusals(p.Fake("blog.example", &wordpress.Site{}), share, wordpress.Password)
	for _, site := range []string{"https://blog.example/not/here", "no address"} {
		elsewhere := maps.Clone(fields())
		elsewhere["site"] = site
		if f := p.Refuse(target.Share("post", "k", elsewhere)); f.GetKey() != "noapi" || f.GetCode() != wire.Failure_CODE_REJECTED {
			t.Errorf("%s: got %v", site, f)
		}
	}
}
