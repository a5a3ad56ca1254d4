package linkedin

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/plugins/sdk"
)

func TestPlugin(t *testing.T) {
	d, err := Plugin().Descriptor()
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range d.Targets {
		if target.Labels["fr"] == "" || target.Icon == "" {
			t.Errorf("%s lacks a French label or an icon", target.ID)
		}
	}
}

func TestPost(t *testing.T) {
	got, err := Plugin().Address("post", sdk.Item{URL: "https://passport.example/b/7Kx?a=1&b=2"})
	want := "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fpassport.example%2Fb%2F7Kx%3Fa%3D1%26b%3D2"
	if err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestProfile(t *testing.T) {
	issued := time.Date(2026, 1, 31, 23, 30, 0, 0, time.FixedZone("", -3600)) // already February in UTC
	full := sdk.Item{
		URL: "https://passport.example/b/7Kx", Title: "C++ & é", IssuerName: "Open School", CredentialID: "urn:uuid:1",
		Issued: issued, Expires: time.Date(2028, 12, 1, 0, 0, 0, 0, time.UTC), IssuerIDs: map[string]string{"linkedin": "1035"},
	}
	tests := []struct {
		name string
		bend func(i *sdk.Item)
		want map[string]string
	}{
		{"known number", func(*sdk.Item) {}, map[string]string{
			"startTask": "CERTIFICATION_NAME", "name": "C++ & é", "organizationId": "1035", "issueYear": "2026", "issueMonth": "2",
			"expirationYear": "2028", "expirationMonth": "12", "certUrl": "https://passport.example/b/7Kx", "certId": "urn:uuid:1",
		}},
		{"name only, nothing else known", func(i *sdk.Item) {
			i.IssuerIDs, i.Issued, i.Expires, i.CredentialID = nil, time.Time{}, time.Time{}, ""
		}, map[string]string{
			"startTask": "CERTIFICATION_NAME", "name": "C++ & é", "organizationName": "Open School", "certUrl": "https://passport.example/b/7Kx",
		}},
		{"a number that is none", func(i *sdk.Item) {
			i.IssuerIDs = map[string]string{"linkedin": "10&x=1"}
			i.Issued, i.Expires, i.CredentialID = time.Time{}, time.Time{}, strings.Repeat("x", 3000)
		}, map[string]string{
			"startTask": "CERTIFICATION_NAME", "name": "C++ & é", "organizationName": "Open School", "certUrl": "https://passport.example/b/7Kx",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := full
			tt.bend(&i)
			address, err := profile(i)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(address)
			if err != nil || u.Scheme+"://"+u.Host+u.Path != "https://www.linkedin.com/profile/add" {
				t.Fatalf("got %q, %v", address, err)
			}
			got := map[string]string{}
			for key, values := range u.Query() {
				got[key] = strings.Join(values, "|")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHostileTitles(t *testing.T) {
	for _, title := range []string{
		`"><script>alert(1)</script>`, "a\r\nSet-Cookie: x=y", "\u202egnp.exe", strings.Repeat("👩\u200d👩\u200d👧\u200d👦", 400), "C++ & é", "\xff",
	} {
		address, err := profile(sdk.Item{URL: "https://passport.example/b/7Kx", Title: title, IssuerName: title})
		if err != nil {
			t.Fatal(err)
		}
		if len(address) > 8000 || strings.ContainsAny(address, "\"<>\r\n \u202e") {
			t.Errorf("%d bytes: %q", len(address), address)
		}
		u, err := url.Parse(address)
		if err != nil || u.Query().Get("certUrl") != "https://passport.example/b/7Kx" {
			t.Errorf("the address of the badge did not survive: %q, %v", address, err)
		}
	}
}
