package email_test

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes/target"
)

// The plugin writes the mail in the language of who shares; the address of the badge
// is whole however long the words are.
func TestEmail(t *testing.T) {
	p := target.Start(t, "email")
	share := target.Share("send", "", nil)
	share.Options = map[string]string{"to": "bob@example.org, eve@example.org"}
	preview := func() *wire.PreviewResponse {
		t.Helper()
		a, err := p.Preview(t.Context(), share)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	const french = "Je souhaite vous montrer un badge.\n\nBasket weaving <&>, délivré par Weavers’ Guild\n\n" +
		"La page montre ce qu’il atteste et s’il est authentique\u00a0:\nhttps://passport.example/b/7KxQ2m\n"
	if a := preview(); a.GetText() != french || a.GetSubject() != "Un badge : Basket weaving <&>" || len(a.GetErrors()) > 0 {
		t.Errorf("got %q, %q, %v", a.GetSubject(), a.GetText(), a.GetErrors())
	}
	share.Lang, share.Text, share.Item.Type = "de", strings.Repeat("Hello, ", 1000), wire.ItemType_ITEM_TYPE_PROFILE
	a := preview()
	if !strings.HasPrefix(a.GetText(), "Hello, Hello") || !strings.HasSuffix(a.GetText(), "\n\nhttps://passport.example/b/7KxQ2m\n") ||
		a.GetSubject() != "A profile: Basket weaving <&>" || a.GetUsed() > a.GetMax() || a.GetMax() != 3000 {
		t.Errorf("got %q, %q, %d of %d", a.GetSubject(), a.GetText(), a.GetUsed(), a.GetMax())
	}
	for _, to := range []string{"bob", "a@b.example,b@b.example,c@b.example,d@b.example,e@b.example,f@b.example", "Bob <bob@example.org>", "bob@example.org\r\nBcc: eve@example.org", "a@b.example,,c@b.example"} {
		share.Options["to"] = to
		if e := preview().GetErrors(); len(e) != 1 || e[0].GetKey() != "to" || strings.ContainsAny(e[0].GetText(), "\r\n") {
			t.Errorf("%q: got %v", to, e)
		}
	}
}
