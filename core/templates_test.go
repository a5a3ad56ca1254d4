package core_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/admin"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/check"
	"github.com/osier-passport/osier/core/connect"
	"github.com/osier-passport/osier/core/demo"
	"github.com/osier-passport/osier/core/detail"
	"github.com/osier-passport/osier/core/endorse"
	"github.com/osier-passport/osier/core/feed"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/gallery"
	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/merge"
	"github.com/osier-passport/osier/core/mydata"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/people"
	"github.com/osier-passport/osier/core/profile"
	"github.com/osier-passport/osier/core/report"
	"github.com/osier-passport/osier/core/request"
	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/theme"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/themes"
)

// pages gives each page template the type of its data.
var pages = map[string]any{
	"account/entry": account.EntryPage{}, "account/nojoin": account.NoJoinPage{},
	"account/invitations": account.InvitationsPage{}, "account/joining": account.JoiningPage{},

	"error": web.ErrorPage{}, "share/go": web.LeavePage{},
	"site/landing": account.LandingPage{}, "site/about": gallery.AboutPage{},
	"account/login": account.LoginPage{}, "account/signup": account.SignupPage{}, "account/setup": account.SetupPage{},
	"account/confirm": account.ConfirmPage{}, "account/reset": account.ResetPage{}, "account/password": account.PasswordPage{},
	"account/fresh": account.FreshPage{}, "account/profile": account.ProfileForm{}, "account/emails": account.EmailsPage{},
	"account/index": account.IndexPage{}, "account/handle": account.HandlePage{}, "account/appearance": account.LookPage{},
	"account/privacy": account.PrivacyPage{}, "account/hidden": account.HiddenPage{}, "account/notifications": account.NoticesPage{},
	"account/unsubscribe": account.UnsubscribePage{}, "account/age": account.AgePage{}, "account/guardian": account.GuardianPage{},
	"account/agree": account.AgreePage{}, "account/details": account.DetailsPage{}, "account/texts": account.TextsPage{}, "site/legal": account.LegalPage{},
	"connect/consent": connect.ConsentPage{}, "connect/apps": connect.AppsPage{}, "connect/admin": connect.AdminPage{},
	"endorse/box": endorse.BoxPage{}, "endorse/ask": endorse.AskPage{}, "endorse/write": endorse.WritePage{}, "endorse/done": endorse.DonePage{}, "endorse/data": endorse.DataPage{},
	"detail/edit": detail.EditPage{}, "detail/statistics": detail.StatisticsPage{}, "report/form": report.FormPage{}, "report/list": report.ListPage{},
	"request/ask": request.AskPage{}, "request/open": request.OpenPage{}, "request/show": request.ShowPage{}, "request/erased": request.ErasedPage{},
	"merge/ask": merge.AskPage{}, "merge/preview": merge.PreviewPage{}, "merge/done": merge.DonePage{},
	"page/list": page.ListPage{}, "page/new": page.NewPage{}, "page/choose": page.ChoosePage{}, "page/edit": page.EditPage{}, "page/clash": page.ClashPage{},
	"page/show": page.ShowPage{}, "page/password": page.PasswordPage{}, "page/sharing": page.SharingPage{}, "page/history": page.HistoryPage{},
	"page/export": page.AskExportPage{}, "page/delete": page.DeletePage{},
	"file/list": file.ListPage{}, "file/show": file.ShowPage{}, "file/delete": file.DeletePage{},
	"badge/links": badge.LinksPage{}, "social/followers": social.FollowersPage{},
	"account/security": account.SecurityPage{}, "account/email-remove": account.RemoveAddressPage{},
	"account/anew": account.AnewPage{}, "account/passkey": account.NewPasskeyPage{}, "account/codes": account.CodesPage{},
	"account/link": account.LinkPage{}, "account/enter": account.EnterPage{}, "account/recovery": account.RecoveryPage{},
	"badge/claim": badge.ClaimPage{}, "badge/record": badge.RecordPage{},
	"badge/add": badge.AddPage{}, "badge/progress": badge.ProgressPage{}, "badge/list": badge.ListPage{}, "badge/show": badge.ShowPage{},
	"badge/batch": badge.BatchPage{}, "check/verify": check.Page{}, "badge/verify": badge.VerifyPage{}, "badge/remove": badge.RemoveBadgePage{}, "badge/issuer": badge.IssuerPage{},
	"badge/export": badge.ExportPage{}, "badge/left": badge.LeftPage{}, "badge/calendar": badge.CalendarPage{}, "badge/bulk": badge.BulkPage{},
	"badge/collections": badge.CollectionsPage{}, "badge/collection": badge.CollectionPage{},
	"profile/contact": profile.ContactPage{}, "profile/pins": profile.PinsPage{}, "profile/layout": profile.LayoutPage{}, "profile/showcase": profile.ShowcasePage{},
	"social/profile": social.ProfilePage{}, "social/class": social.ClassPage{},
	"feed/list": feed.ListPage{}, "gallery/explore": gallery.ExplorePage{}, "gallery/search": gallery.SearchPage{}, "gallery/skills": gallery.SkillsPage{}, "gallery/skill": gallery.SkillPage{}, "gallery/map": gallery.MapPage{}, "gallery/place": gallery.PlacePage{}, "share/sheet": share.SheetPage{},
	"share/connect": share.ConnectPage{}, "share/confirm": share.ConfirmPage{}, "share/compose": share.ComposePage{}, "share/accounts": share.AccountsPage{},
	"mydata/show": mydata.DataPage{}, "mydata/remove": mydata.RemovePage{}, "mydata/receipt": mydata.ReceiptPage{}, "mydata/document": mydata.DocumentPage{}, "mydata/import": mydata.ImportPage{},
	"admin/home": admin.HomePage{}, "admin/outbox": admin.OutboxPage{}, "admin/plugins": admin.PluginsPage{}, "admin/plugin": admin.PluginPage{}, "admin/hosts": admin.HostsPage{},
	"people/list": people.ListPage{}, "people/person": people.PersonPage{}, "people/record": people.RecordPage{}, "people/remove": people.RemovePage{},
	"demo/signin": demo.SigninPage{}, "demo/class": demo.ClassPage{}, "demo/issuer": demo.IssuerPage{},
}

// hostileText is what a stranger may put into any text.
const hostileText = `Ω "quoted" <script>alert(1)</script> '><img src=x onerror=alert(1)> {{.}}`

// words are the values of fields that hold one of a few words, each tried in turn.
var words = map[string][]string{
	"Verdict":    {"valid", "expired", "revoked", "suspended", "not-yet-valid", "invalid", "unverifiable"},
	"Visibility": {"private", "link", "members", "public"},
	"Recipient":  {"pass", "unknown", "skipped"},
	"Result":     {"pass", "fail", "unknown", "skipped", "running", "waiting"},
	"Reason":     {"expired", "recipient"},
	"Verb":       {"published", "followed", "commented", "arranged"},
	"Tab":        {"", "badges", "people", "issuers", "skills"},
	"Facet":      {"tag", "skill", "issuer", "country", "spot", "holder", "owner"}, "ByWhom": {"holder", "owner", ""},
	"Order":       {"best", "held", "newest", "common", "name", "issuer"},
	"Family":      {"esco", "case", "ctdl", "other", "tag"},
	"Kind":        {"", "badges", "people", "comments"},
	"Scheme":      {"auto", "light", "dark"},
	"Contrast":    {"auto", "high"},
	"Language":    {"en", "fr", ""},
	"Joining":     {"open", "listed", "invited", "closed"},
	"Explore":     {"open", "members"},
	"Form":        {"hosted", "jws", "vc-jwt", "embedded"},
	"Carrier":     {"png", "svg", "json", "jws"},
	"Version":     {"2.0", "3.0"},
	"Template":    {"confirm"},
	"ConfirmedBy": {"mail", "Willow College"},
}

// wordsOf are words of one type's field, which other types use for something else.
var wordsOf = map[string][]string{
	"InvitationRow.State": {"live", "used", "ended"},
	"NoJoinPage.Reason":   {"closed", "invited", "gone", "late", "setup", "listed"},

	"ConsentPage.May": {"credential_readonly", "profile_readonly"}, "AppRow.May": {"credential_readonly", "profile_readonly"},

	"OwnEvidence.Kind": {"link", "page", "file", "text"}, "IssuedEndorsement.Result": {"pass", "fail", "unknown"}, "Row.Reason": {"false", "offensive", "personal", "spam", "other"},
	"Choice.Key": {"false", "offensive", "personal", "spam", "other"}, "EventView.Verb": {"published", "followed", "commented", "cheered", "arranged"},
	"Row.State": {"asked", "refused", "written", "accepted", "declined"}, "DataRow.State": {"asked", "refused", "written", "accepted", "declined"},
	"WritePage.State": {"", "asked", "accepted"}, "Endorsements.Mine": {"", "asked", "written"}, "DonePage.What": {"written", "refused", "erased"},

	"Fact.Key": {
		"unproven", "same_domain", "other_domain", "same_mail", "other_mail", "same_proof", "other_proof", "key_alone", "first_seen", "shown", "key",
		"key_before", "key_after", "key_change", "listed", "not_listed", "kept", "criteria_gone",
	},
	"Kept.Role":          {"assertion", "class", "issuer", "key", "refresh", "schema", "status", "endorsement", "credentials"},
	"Document.Role":      {"assertion", "class", "issuer", "key", "refresh", "schema", "status", "endorsement", "credentials", ""},
	"CheckView.Name":     {"format", "proof", "key", "valid-from", "expired", "revoked", "recipient"},
	"Problem.Key":        {"badge.error.duplicate", "verify.reason.expired"},
	"TargetGroup.Key":    {"profile", "post", "send"},
	"TargetView.Verb":    {"profile", "post", "send"},
	"TargetView.Reason":  {"", "It crashed."},
	"SharedView.State":   {"opened", "failed", "queued", "sending", "pending", "uncertain", "posted", "retracting", "retracted"},
	"SharedView.Choice":  {"look", "again", "there", "retract", "cancel"},
	"ComposePage.Verb":   {"profile", "post", "send"},
	"ComposePage.Errors": {"share.field.long"}, "ConnectPage.Errors": {"share.field.instance"},
	"TargetRow.Kind": {"link", "account", "direct"}, "TargetRow.Error": {"", "share.error.limit"}, "Placed.Purpose": {"profile", "post", "send"},
	"FieldView.Type":  {"text", "secret", "url", "email", "number", "choice", "switch", "long_text"},
	"FieldView.Input": {"text", "password", "url", "number"}, "FieldView.Error": {"", "share.field.missing"},
	"SubjectView.Type": {"badge", "profile", "page"},
	"AccountRow.State": {"ok", "reconnect", "blocked"},
	"Health.Key":       {"jobs", "mail", "plugins", "disk", "lists", "hosts"},
	"Health.State":     {"ok", "warn"},
	"FileView.Kind":    {"image", "pdf", "text"}, "EditPage.Kinds": blockKinds(), "EditPage.Frame": page.Frames, "EditPage.Space": page.Spaces, "EditPage.Kind": blockKinds(), "EditBlock.Kind": blockKinds(), "BlockView.Kind": blockKinds(),
	"VersionView.What": {"made", "text", "add", "move", "delete", "badges", "head"}, "SharingPage.To": {"", "link", "members", "public"}, "SharingPage.Widen": {"public", "members"},
	"EditBlock.Form": {"sub", "short", "list"}, "EditBlock.Order": {"name", "issued"}, "BlockView.Form": {"", "list", "sub"},
	"EditBlock.Made": {"", "tag", "issuer", "collection"}, "EditBlock.PlainLabel": {"", "title", "alt"}, "EditBlock.Markdown": {"", "text", "more"}, "FieldChoice.Key": page.ProfileFields(), "Row.Style": {"willow", "river"},
	"FieldRow.Kind": profile.Kinds, "Contact.Kind": profile.Kinds, "Part.Kind": {"pinned", "skills", "badges", "lately", "tag"}, "StateRow.State": {"valid", "expired", "revoked"}, "BlockRow.Part": {"", "pinned", "skills", "badges", "lately"}, "BlockRow.Made": {"tag", "", "collection", "chosen"}, "LayoutPage.Errors": {"profile.error.title"}, "ShowcasePage.Errors": {"profile.error.title"}, "Hint.Key": {"picture", "about", "links", "badge", "pin", "verified"}, "ContactPage.Errors": {"profile.error.orcid"},
	"View.Kind": {"image", "pdf", "text", "document", "sheet", "slides"}, "ShowPage.Errors": {"file.error.name"},
	"Provider.Icon":      {"key", "issuer"},
	"Mail.State":         {"held", "sent", "failed", "waiting"},
	"Plugin.State":       {"idle", "running", "disabled", "failed"},
	"DataGroup.Key":      {"profile", "files", "account", "badges", "endorsements", "signing", "details", "reports", "social", "feed", "share", "mail", "jobs", "data", "apps"},
	"TaskView.State":     {"", "ready", "failed", "running", "choose", "done", "reading"},
	"TaskView.Reason":    {"mydata.error.failed"},
	"ImportGroup.Key":    {"badges", "profile", "addresses", "following", "comments"},
	"RefusedItem.Kind":   {"badge", "record", "profile", "picture", "address", "following", "comment", "contact"},
	"RefusedItem.Reason": {"mydata.zip.not_yours", "verify.reason.expired"},
	"FilterView.State":   {"", "valid", "expired"}, "FilterView.Sort": {"", "name", "issuer", "expiry"}, "FilterView.View": {"", "rows"},
	"FilterView.Visibility": {"", "private"}, "ChangeView.Do": {"tag", "untag", "collect", "uncollect", "visibility", "remove"}, "ChangeView.Name": {"private", "public"},
	"ExportPage.Form": {"all", "received", "images", "credential", "pdf", "clr", "resume", "europass"},
	"MapWay.Name":     {"in", "out", "west", "north", "south", "east"},
	"BulkPage.Do":     {"tag", "untag", "collect", "visibility", "remove"}, "Use.Kind": {"link", "share", "page"}, "LeftRow.Why": {"version", "context", "unclaimed", "anonymised"}, "Wait.Kind": {"decide", "asked", "follow"}, "Chip.Key": {"", "shelf.unseen", "shelf.expiring_within"},
	"BatchEntry.State": {"running", "mismatch", "done", "duplicate", "refused", "unpacked", "cancelled"},
	"Download.Key":     {"png", "svg", "credential", "received", "record", "pdf"},
	"Download.Icon":    {"badge", "file", "code"},
	"LegalPage.Kind":   {"terms", "privacy"}, "TextForm.Kind": {"terms", "privacy"}, "MailKind.ID": {"expiring", "follow", "comment", "received", "verdict", "endorse", "cheer"},
	"PersonRow.State": {"active", "unconfirmed", "disabled", "leaving", "waiting"}, "PersonPage.State": {"active", "disabled", "leaving"}, "ActRow.Kind": {"promote", "demote", "sessions", "confirm", "enter", "disable", "enable", "later", "remove", "list"}, "ActRow.Way": {"page", "command", "time"},
	"Way.Kind": {"provider", "password", "mail", "passkey", "codes"}, "Held.Key": {"badges", "acts", "removal"}, "DecisionMail.What": {"disabled", "enabled", "leaving"},
	"SecurityMail.What": changes(), "FarewellCount.Key": {"badges"},
	"UnsubscribePage.Kind": {"expiring", "follow", "comment", "verdict"}, "PrivacyPage.Profile": {"public", "members", "private"}, "PrivacyPage.Comment": {"members", "followers", "nobody"},
	"FollowersPage.Rule": {"everyone", "approve", "nobody"}, "SignupPage.Ask": {"terms", "privacy"}, "SignupPage.Age": {"over", "under", ""},
	"CheckView.Warning": {"", "not-https"},
	"Result.Version":    {"Open Badges 3.0", "CLR 2.0"},
}

func blockKinds() []string {
	var list []string
	for _, k := range page.Kinds() {
		list = append(list, string(k))
	}
	return list
}

func changes() []string {
	var list []string
	for _, c := range account.Changes() {
		list = append(list, string(c))
	}
	return list
}

// fill gives every field a value; round chooses among words. Round 0 is a bare
// page: no lists, no free text.
func fill(v reflect.Value, name, owner string, round int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(textFor(name, owner, round))
	case reflect.Bool:
		v.SetBool(round%2 == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(3 * (round + 1)))
	case reflect.Slice:
		n := 3
		if v.Type().Elem().Kind() == reflect.Uint8 || round == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(v.Index(i), strings.TrimSuffix(name, "s"), owner, round+i)
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String && v.Type().Elem().Kind() == reflect.String {
			m := map[string]string{"detail": hostileText, "n": "2"}
			if name == "Errors" {
				m = map[string]string{}
			}
			v.Set(reflect.ValueOf(m))
		}
	case reflect.Struct:
		fillStruct(v, round)
	}
}

func fillStruct(v reflect.Value, round int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if round == 0 {
			return
		}
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23-round%20, 12, 0, 0, 0, time.UTC)))
		return
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Type != reflect.TypeFor[any]() {
			fill(v.Field(i), f.Name, v.Type().Name(), round)
		}
	}
}

func textFor(name, owner string, round int) string {
	if list := wordsOf[owner+"."+name]; list != nil {
		return list[round%len(list)]
	}
	if (owner == "DataItem" || owner == "Gone" || owner == "DocumentPage") && name == "Key" {
		return "badges"
	}
	if list := words[name]; list != nil {
		return list[round%len(list)]
	}
	switch {
	case round == 0:
		return ""
	case strings.HasSuffix(name, "URL"), name == "Image", name == "Picture", name == "Link", name == "Icon", name == "Older", name == "Newer", name == "Action", name == "CardImage", name == "Mine", strings.HasSuffix(name, "Older"):
		return "/x?a=1&b=2"
	}
	return hostileText
}

func TestEveryPageIsDrawnWithSampleDataAndNoMissingMessage(t *testing.T) {
	cat, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	th, err := theme.Open(theme.Options{Bundled: themes.FS, Catalogue: cat, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	names, err := th.Pages()
	if err != nil || len(names) < 30 {
		t.Fatalf("pages %v, %v", names, err)
	}
	for _, name := range names {
		sample, ok := pages[name]
		if !ok {
			t.Errorf("page %s has no sample data: add its type to the list", name)
			continue
		}
		t.Run(name, func(t *testing.T) { drawAll(t, th, cat, name, sample) })
	}
	for name := range pages {
		if !slices.Contains(names, name) {
			t.Errorf("page %s has no template", name)
		}
	}
}

// drawAll draws a page empty and filled, signed in and not, in each language.
func drawAll(t *testing.T, th *theme.Theme, cat *i18n.Catalogue, name string, sample any) {
	for _, lang := range cat.Languages() {
		for round := range 8 {
			page := reflect.New(reflect.TypeOf(sample)).Elem()
			fill(page, "", "", round)
			view := web.View{
				Page: page.Interface(), Lang: lang.Code, Dir: lang.Dir, Path: "/", Langs: cat.Languages(), Demo: round%2 == 0,
				Site: web.Site{Name: hostileText, Tagline: hostileText, URL: "http://localhost:8080"}, Scheme: "auto", Contrast: "auto",
			}
			if round%3 != 0 {
				view.Viewer = web.Viewer{Person: 1, Handle: "ada", Name: hostileText, Role: []string{"member", "admin"}[round%2]}
			}
			var out bytes.Buffer
			if err := th.Render(&out, lang.Code, name, view); err != nil {
				t.Fatalf("%s, round %d: %v", lang.Code, round, err)
			}
			checkDrawn(t, fmt.Sprintf("%s round %d", lang.Code, round), out.Bytes())
		}
	}
}

// checkDrawn holds a drawn page against what the policy of pages and every reader ask.
func checkDrawn(t *testing.T, at string, page []byte) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	headings := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "h1":
			headings++
		case "script":
			if attr(n, "src") == "" && attr(n, "type") != "application/ld+json" {
				t.Errorf("%s: a script in the page", at)
			}
		case "style":
			t.Errorf("%s: a style in the page", at)
		case "img":
			if !hasAttr(n, "alt") || attr(n, "src") == "x" {
				t.Errorf("%s: image %s without alt, or a stranger's", at, attr(n, "src"))
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: attribute %s on %s", at, a.Key, n.Data)
			}
		}
	}
	if headings != 1 {
		t.Errorf("%s: %d h1", at, headings)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
