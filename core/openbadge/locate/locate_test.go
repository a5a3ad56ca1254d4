package locate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCandidates(t *testing.T) {
	const uuid = "630a804c-4fb6-4bc6-86be-552614d370f3"
	const credlyAPI = "https://api.credly.com/v1/obi/v2/badge_assertions/" + uuid
	for _, c := range []struct {
		page string
		want []string
	}{
		{"https://www.credly.com/badges/" + uuid, []string{credlyAPI}},
		{"https://credly.com/badges/" + uuid + "/public_url", []string{credlyAPI}},
		{"http://www.credly.com/badges/" + strings.ToUpper(uuid) + "/linked_in_profile?x=1#y", []string{credlyAPI}},
		{"https://www.youracclaim.com/badges/" + uuid, []string{credlyAPI}},
		{"https://www.credly.com/earner/earned/badge/" + uuid, []string{credlyAPI}},
		{"https://www.credly.com/org/some-org/badge/some-badge", nil},
		{"https://www.credly.com/badges/../../etc", nil},
		{"https://www.credly.com/badges", nil},
		{"https://badgr.com/public/assertions/h2qevHs4SlyoHErJQ0mn2g?identity__email=a%40b.example", []string{
			"https://api.badgr.io/public/assertions/h2qevHs4SlyoHErJQ0mn2g", "https://api.badgr.io/public/assertions/h2qevHs4SlyoHErJQ0mn2g.json?v=2_0",
		}},
		{"https://api.badgr.io/public/assertions/h2qevHs4SlyoHErJQ0mn2g", []string{"https://api.badgr.io/public/assertions/h2qevHs4SlyoHErJQ0mn2g.json?v=2_0"}},
		{"https://eu.badgr.com/public/assertions/wZ-_A/", []string{"https://api.eu.badgr.io/public/assertions/wZ-_A", "https://api.eu.badgr.io/public/assertions/wZ-_A.json?v=2_0"}},
		{"https://badges.parchment.eu/public/assertions/x", []string{
			"https://api.badges.parchment.eu/public/assertions/x", "https://api.badges.parchment.eu/public/assertions/x.json?v=2_0",
			"https://api.eu.badgr.io/public/assertions/x", "https://api.eu.badgr.io/public/assertions/x.json?v=2_0",
		}},
		{"https://badgr.com/public/badges/x", nil},
		{"https://badgr.com/public/assertions/a%2f..%2fb", nil},
		{"https://openbadgefactory.com/v1/assertion/82bbbb86b6b7e6a2c6f137d36f79a22cea247f5f.html", []string{"https://openbadgefactory.com/v1/assertion/82bbbb86b6b7e6a2c6f137d36f79a22cea247f5f"}},
		{"https://openbadgefactory.com/obv3/credentials/36e66ddceca33dd75a75eb133ad14b2711efba43.html", []string{"https://openbadgefactory.com/obv3/credentials/36e66ddceca33dd75a75eb133ad14b2711efba43"}},
		{"https://openbadgefactory.com/obv3/credentials/36e66ddceca33dd75a75eb133ad14b2711efba43", nil},
		{"https://openbadgefactory.com/v2/assertion/36e66ddceca33dd7", nil},
		{"https://openbadgepassport.com/app/badge/info/213258", []string{"https://openbadgepassport.com/obpv1/badge/info/213258"}},
		{"https://openbadgepassport.com/app/badge/info/642466/pic/embed", []string{"https://openbadgepassport.com/obpv1/badge/info/642466"}},
		{"https://openbadgepassport.com/app/badge/info/x", nil},
		{"https://credly.com.evil.example/badges/" + uuid, nil},
		{"https://a:b@credly.com/badges/" + uuid, nil},
		{"ftp://credly.com/badges/" + uuid, nil},
		{"https://credly.com/" + strings.Repeat("a", maxURL), nil},
		{"::", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(c.want, Candidates(c.page)); diff != "" {
			t.Errorf("%.80s: %s", c.page, diff)
		}
	}
}

func TestInPage(t *testing.T) {
	const at = "https://issuer.example/badges/7/page"
	const credential = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiableCredential"}`
	for _, c := range []struct {
		name, body string
		urls       []string
		inline     []string
	}{
		{"alternate", `<html><head><link rel="alternate" type="application/ld+json" href="assertion.json">`, []string{"https://issuer.example/badges/7/assertion.json"}, nil},
		{"vc before ld before json, whatever the order", `<link rel=alternate type=application/json href=/j><link rel="ALTERNATE nofollow" type="Application/LD+JSON; charset=utf-8" href=/l><link rel=alternate type=application/vc+ld+json href=/v>`, []string{"https://issuer.example/v", "https://issuer.example/l", "https://issuer.example/j"}, nil},
		{"tokens", `<link rel=alternate type=application/ld+json href=/l><link rel=alternate type=application/vc+jwt href=/t><script type="application/jwt">e30.e30.AA</script>`, []string{"https://issuer.example/t", "https://issuer.example/l"}, nil},
		{"rel openbadge first", `<link rel=alternate type=application/ld+json href=/l><link rel="openbadge" href="//other.example/a#f">`, []string{"https://other.example/a", "https://issuer.example/l"}, nil},
		{"meta", `<meta name="openbadges:assertion" content="/a"><meta property='OpenBadge' content='/b'/>`, []string{"https://issuer.example/a", "https://issuer.example/b"}, nil},
		{"base", `<base href="https://cdn.example/x/"><base href="https://evil.example/"><link rel=openbadge href=a.json>`, []string{"https://cdn.example/x/a.json"}, nil},
		{"inline", `<script type="application/ld+json">` + "\n" + credential + `</script>`, nil, []string{credential}},
		{"inline, other data", `<script type="application/ld+json">{"@context":"https://schema.org","@type":"WebSite"}</script><script type="application/ld+json">nonsense</script>`, nil, nil},
		{"a script's text is no tag", `<script>var a = '<link rel="openbadge" href="/a">'</script>`, nil, nil},
		{"a comment is no tag", `<!-- <link rel="openbadge" href="/a"> -->`, nil, nil},
		{"other schemes", `<link rel=openbadge href="javascript:alert(1)"><link rel=openbadge href="data:,x"><link rel=openbadge href="file:///etc/passwd"><link rel=openbadge href="https://a:b@c.example/">`, nil, nil},
		{"the page itself", `<link rel=openbadge href="">` + `<link rel=openbadge href="` + at + `">`, nil, nil},
		{"og and oEmbed say nothing", `<meta property="og:url" content="/a"><link rel="alternate" type="application/json+oembed" href="/o"><link rel=alternate type="application/rss+xml" href=/r>`, nil, nil},
		{"twice", `<link rel=openbadge href=/a><link rel=openbadge href=/a>`, []string{"https://issuer.example/a"}, nil},
		{"JSON of a platform", `{"id":7,"assertion_url":"https://issuer.example/v1/assertion/1"}`, []string{"https://issuer.example/v1/assertion/1"}, nil},
		{"JSON that is the credential", credential, nil, nil},
		{"empty", ``, nil, nil},
		{"broken", "<link rel=openbadge href=/a", nil, nil},
	} {
		urls, inline := InPage(at, []byte(c.body))
		var texts []string
		for _, b := range inline {
			texts = append(texts, string(b))
		}
		if diff := cmp.Diff(c.urls, urls) + cmp.Diff(c.inline, texts); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestInPageHasLimits(t *testing.T) {
	many := ""
	for i := range 1000 {
		many += `<link rel=openbadge href="/` + strings.Repeat("a", i%50+1) + `">`
	}
	if urls, _ := InPage("https://a.example/", []byte(many)); len(urls) != maxCandidates {
		t.Errorf("%d addresses", len(urls))
	}
	script := `<script type="application/ld+json">{"@context":"https://w3id.org/openbadges/v2"}</script>`
	if _, inline := InPage("https://a.example/", []byte(strings.Repeat(script, 50))); len(inline) != maxInline {
		t.Errorf("%d credentials", len(inline))
	}
	if urls, inline := InPage("https://a.example/", make([]byte, maxPage+1)); urls != nil || inline != nil {
		t.Error("a page without end was read")
	}
	if urls, _ := InPage("nonsense", []byte(`<link rel=openbadge href="https://a.example/">`)); urls != nil {
		t.Error("a page without an address was read")
	}
}

func FuzzInPage(f *testing.F) {
	f.Add("https://a.example/x", []byte(`<base href="/y/"><link rel="alternate" type="application/ld+json" href="a"><script type="application/ld+json">{"@context":"https://w3id.org/openbadges/v2"}</script>`))
	f.Add("https://badgr.com/public/assertions/x", []byte(`{"assertion_url":"https://b.example"}`))
	f.Fuzz(func(t *testing.T, address string, body []byte) {
		urls, inline := InPage(address, body)
		for _, u := range append(urls, Candidates(address)...) {
			if webURL(u) == nil || u == address {
				t.Errorf("named %q", u)
			}
		}
		if len(urls) > maxCandidates || len(inline) > maxInline {
			t.Errorf("%d addresses, %d credentials", len(urls), len(inline))
		}
	})
}
