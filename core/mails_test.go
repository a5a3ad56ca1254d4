package core_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/mydata"
	"github.com/osier-passport/osier/core/people"
	"github.com/osier-passport/osier/core/request"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/themes"
)

// mails gives each mail template the type of its data.
var mails = map[string]any{
	"confirm": account.ConfirmMail{}, "owned": account.OwnedMail{}, "gone": account.GoneMail{}, "guardian": account.GuardianMail{},
	"reset": account.ResetMail{}, "enter": account.EnterMail{}, "security": account.SecurityMail{}, "signin": account.SigninMail{},
	"farewell": account.FarewellMail{}, "commented": social.CommentMail{}, "followed": social.FollowMail{}, "congratulated": social.CheerMail{},
	"verdict": badge.VerdictLetter{}, "arrived": badge.ArrivedLetter{}, "expiring": badge.ExpiringLetter{}, "export": mydata.ReadyLetter{}, "test": struct{}{},
	"endorse-asked": endorse.AskedMail{}, "endorse-invited": endorse.InvitedMail{}, "endorse-written": endorse.WrittenMail{}, "endorse-accepted": endorse.AcceptedMail{},
	"datarequest": request.DataRequestMail{}, "join": account.JoinMail{}, "share": share.Letter{}, "decision": people.DecisionMail{},
}

// toOthers are the mails to people who may have no account here.
var toOthers = []string{"datarequest", "endorse-invited", "farewell", "guardian", "join", "share", "test"}

// TestEveryMailIsDrawn draws each mail with hostile data in each language: as text
// and as HTML that is readable on a phone and in the dark.
func TestEveryMailIsDrawn(t *testing.T) {
	cat, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	th, err := theme.Open(theme.Options{Bundled: themes.FS, Catalogue: cat, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	names, err := th.Mails()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		sample, ok := mails[name]
		if !ok {
			t.Errorf("mail %s has no sample data: add its type to the list", name)
			continue
		}
		for _, lang := range cat.Languages() {
			for round := 1; round <= 16; round++ {
				data := reflect.New(reflect.TypeOf(sample)).Elem()
				fill(data, "", "", round)
				drawMail(t, th, lang, name, data.Interface(), round)
			}
		}
	}
	for name := range mails {
		if !slices.Contains(names, name) {
			t.Errorf("mail %s has no template", name)
		}
	}
}

func drawMail(t *testing.T, th *theme.Theme, lang i18n.Language, name string, data any, round int) {
	t.Helper()
	letter := account.Letter{Data: data, Site: account.Sender{Name: hostileText, URL: "https://badges.test/"}, Lang: lang.Code, Dir: lang.Dir}
	if round%2 == 1 {
		letter.Stop = "https://badges.test/stop"
	}
	at := fmt.Sprintf("%s, %s, round %d", name, lang.Code, round)
	m, err := th.Mail(lang.Code, name, letter)
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || len(strings.Fields(m.Text)) < 5 || !strings.HasSuffix(m.Text, "https://badges.test/\n") {
		t.Errorf("%s: subject %q, text %q", at, m.Subject, m.Text)
	}
	doc, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		// what a mail of the dark changes, it changes by its class
		if style := attr(n, "style"); strings.Contains(style, "inline-block") && attr(n, "class") != "button" || n.Data == "p" && strings.Contains(style, "color:") && attr(n, "class") != "small" {
			t.Errorf("%s: unreadable in the dark: <%s style=%q>", at, n.Data, style)
		}
		if n.Data == "script" || n.Data == "img" || n.Data == "form" || n.Data == "link" {
			t.Errorf("%s: a <%s> in the mail", at, n.Data)
		}
		if n.Data == "a" && !strings.HasPrefix(attr(n, "href"), "https://") && !strings.HasPrefix(attr(n, "href"), "/x?") {
			t.Errorf("%s: a link to %q", at, attr(n, "href"))
		}
	}
	for _, want := range []string{`lang="` + lang.Code + `"`, "prefers-color-scheme: dark", "width=device-width"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("%s: no %s", at, want)
		}
	}
	if lang.Code == "en" && strings.Contains(m.HTML, "because of your account") == slices.Contains(toOthers, name) {
		t.Errorf("%s: why it came is not so", at)
	}
	for _, key := range []string{"account.mail", "mails.", "badge.mail", "mydata.mail", "notices."} {
		if strings.Contains(m.Subject+m.Text+m.HTML, key) {
			t.Errorf("%s reads the key of a message: %s", at, key)
		}
	}
}
