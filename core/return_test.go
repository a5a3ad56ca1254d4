package core

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bringBack uploads an archive, takes everything in and gives the page of what
// came of it.
func (v *visitor) bringBack(data []byte, choices ...string) answer {
	t := v.p.t
	page := v.uploadArchive(data).is(t, 303).location()
	v.wait(page)
	if len(choices) == 0 {
		choices = []string{"take", "badges", "take", "profile", "take", "addresses", "take", "following", "take", "comments", "take", "invitations", "take", "files", "take", "pages", "take", "details", "take", "endorsements", "show", "same"}
	}
	v.post(page, choices...).is(t, 303)
	return v.wait(page)
}

func (v *visitor) uploadArchive(data []byte) answer {
	body, kind := multipartForm("file", "archive.zip", data, "csrf", v.token())
	return v.send("POST", "/settings/data/import", kind, body)
}

func (v *visitor) wait(page string) answer {
	a := v.get(page)
	for end := time.Now().Add(20 * time.Second); strings.Contains(string(a.body), "data-live") && time.Now().Before(end); a = v.get(page) {
	}
	return a
}

// lived gives a person something of each kind that an archive brings back.
func lived(t *testing.T, p *passport, handle string) (who, other *visitor, issuer signer) {
	t.Helper()
	other, who = p.member("friend"), p.member(handle)
	issuer = newSigner(t, "Issuer")
	who.post("/settings/emails", "address", handle+".two@people.test").is(t, 303)
	shown := who.take(t, issuer, issuer.badge("Shown", handle+"@people.test"))
	who.post("/b/"+shown+"/visibility", "visibility", "public").is(t, 303)
	linked := who.take(t, issuer, issuer.badge("By link", handle+"@people.test"))
	who.post("/b/"+linked+"/visibility", "visibility", "link").is(t, 303)
	who.upload("/add", "file", "baked.png", baked(t, issuer.sign(t, issuer.badge("In a picture", handle+"@people.test")))).is(t, 303)
	who.upload("/add", "file", "clr.json", issuer.recordFor(t, handle+"@people.test", issuer.badge("In a record", handle+"@people.test"))).is(t, 200)
	common := issuer.badge("Common", "friend@people.test")
	other.post("/b/"+other.take(t, issuer, common)+"/visibility", "visibility", "public").is(t, 303)
	class := p.texts(`SELECT public_id FROM badge_class WHERE name = 'Common'`)[0]
	who.upload("/files", "file", "report.txt", []byte("a report\n"+strings.Repeat("and so on\n", 20_000))).is(t, 303)
	who.upload("/files", "file", "picture.png", picture(t)).is(t, 303)
	who.post("/files/"+p.texts(`SELECT public_id FROM file WHERE type = 'text/plain'`)[0], "name", "My report", "tags", "Work, écrit").is(t, 303)
	page := strings.TrimSuffix(who.post("/pages", "title", "My page", "badge", shown, "badge", linked, "do", "draft").is(t, 303).location(), "/edit")
	who.post(page+"/head", "title", "My page", "style", "clay", "frame", "double", "space", "wide", "tags", "Work", "rev", p.texts(`SELECT CAST(head_rev AS TEXT) FROM page`)[0]).is(t, 303)
	_, block, _ := strings.Cut(who.post(page+"/blocks", "kind", "image").is(t, 303).location(), "#block-")
	who.post(page+"/blocks/"+block, "kind", "image", "rev", p.texts(`SELECT CAST(rev AS TEXT) FROM page_block WHERE id = $1`, block)[0], "text", "A picture",
		"file", p.texts(`SELECT public_id FROM file WHERE type = 'image/png'`)[0]).is(t, 303)
	who.post("/c/"+class+"/comments", "text", "I want that one.").is(t, 303)
	who.post("/c/"+class+"/follow", "action", "follow").is(t, 303)
	who.post("/@friend/follow", "action", "follow").is(t, 303)
	keep := who.mismatched(t, issuer, issuer.plain("Unclaimed", handle+".three@people.test", time.Now().Add(-time.Hour))).attribute(t, `form[action$="/keep"]`, "action")
	who.settled(who.post(keep)).is(t, 303)
	p.write(`INSERT INTO setting (name, value, changed_at) VALUES ('site.signup.members_invite', 'yes', 1) ON CONFLICT (name) DO UPDATE SET value = 'yes'`)
	who.post("/settings/invitations", "note", "For the choir", "uses", "5", "days", "9").is(t, 303)
	p.write(`UPDATE invitation SET uses = 2 WHERE maker = $1`, who.person.ID)
	if err := p.accounts.SetPicture(t.Context(), who.person.ID, picture(t)); err != nil {
		t.Fatal(err)
	}
	p.write(`UPDATE person SET name = 'Ada of Return', about = 'About *me*', scheme = 'dark', contrast = 'high', default_visibility = 'members', language = 'fr', profile = 'members', findable = FALSE WHERE id = $1`, who.person.ID)
	p.write(`INSERT INTO preference (person, place, organisation, time_zone, mails_off, comment_rule) VALUES ($1, 'Turin', 'River school', 'Europe/Rome', 'verdict', 'nobody')
		ON CONFLICT (person) DO UPDATE SET place = 'Turin', organisation = 'River school', time_zone = 'Europe/Rome', mails_off = 'verdict', comment_rule = 'nobody'`, who.person.ID)
	return who, other, issuer
}

// TestTheRoundTrip: export, remove the account, sign up again, bring the archive
// back, export: the same, but for what docs/export.md lists.
func TestTheRoundTrip(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		who, other, issuer := lived(t, p, "ada")
		furnish(t, p, who, other, issuer)
		first := who.export()
		before := openZIP(t, first.body)
		if err := p.remove(who.person.ID); err != nil {
			t.Fatal(err)
		}
		again := p.member("ada-again")
		p.write(`UPDATE email SET address = 'ada@people.test', address_key = 'ada@people.test' WHERE person = $1`, again.person.ID)
		page := again.bringBack(first.body).is(t, 200)
		if !bytes.Contains(page.body, []byte("data-focus")) {
			t.Fatalf("not done: %s\n%s", page, strings.Join(p.log.lines(t, "WARN"), "\n"))
		}
		if bytes.Contains(page.body, []byte(`id="s-refused"`)) {
			t.Errorf("something is refused: %s", words(page.all(t, "main")[0]))
		}
		after := openZIP(t, again.export().body)
		if diff := cmp.Diff(sameness(t, before), sameness(t, after)); diff != "" {
			t.Errorf("not the same (-before +after):\n%s", diff)
		}
		if rows := documentRows(t, after["account/invitations.json"]); len(rows) != 1 {
			t.Errorf("%d invitations", len(rows))
		}
		link := again.get("/settings/invitations").is(t, 200).attribute(t, `form[action$="/renew"] button`, "value")
		again.post("/settings/invitations/renew", "id", link).is(t, 303)
		if page := again.get("/settings/invitations"); !bytes.Contains(page.body, []byte("invite-link")) {
			t.Errorf("no new link: %s", page)
		}
		again.get("/settings/invitations")
		if n := p.count(`SELECT count(*) FROM badge WHERE person = $1 AND unclaimed`, again.person.ID); n != 1 {
			t.Errorf("%d unclaimed badges", n)
		}
		more := again.wait(again.uploadArchive(first.body).is(t, 303).location())
		if !bytes.Contains(more.body, []byte("déjà")) || len(more.all(t, `input[name="take"]:not([disabled])`)) != 0 {
			t.Errorf("a second time finds something new: %s", words(more.all(t, "main")[0]))
		}
	})
}

func openZIP(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// new are the fields that docs/export.md says are made anew, by document.
var renewed = map[string][]string{
	"account/profile.json":                    {"id", "handle", "joined", "last_here", "password_changed", "picture"},
	"account/privacy.json":                    {"under_age", "guardian", "everything_hidden_since", "old_handles"},
	"account/emails.json":                     {"added", "confirmed", "confirmed_by"},
	"badges/badges.json":                      {"id", "received", "receivedAt", "publishedAt", "lastValidAt", "verifications"},
	"badges/collections.json":                 {"made"},
	"badges/records.json":                     {"at", "verifiedAt", "report"},
	"social/following.json":                   {},
	"social/comments.json":                    {},
	"feed/events.json":                        {"at"},
	"mypages/pages.json":                      {"id", "changed", "published", "names", "linkSince", "linkOpened"},
	"mypages/history.json":                    {"page"},
	"social/congratulations.json":             {"at"},
	"reports/reports.json":                    {"at"},
	"endorsements/endorsements_received.json": {"on"},
	"share/places.json":                       {},
	"explore/explore.json":                    {"lastVisit", "found"},
	"details/badge_details.json":              {},
	"profile/pins.json":                       {},
	"profile/layout.json":                     {},
	"profile/led_back.json":                   {"checked"},
	"files/files.json":                        {"id", "added", "file"},
}

// left are the documents that begin anew.
var left = regexp.MustCompile(`^(index\.html|pages/.*|manifest\.json|SHA256SUMS|README\.txt|account/(identities|sessions|links|address_proofs|entries).*|badges/(imports|changes|calendar|joined).*|social/followers\.json|endorsements/endorsements_written.*|share/(accounts|posts|shares).*|signing/.*|apps/.*|mail/.*|jobs/.*|data/.*|admin/.*)$`)

// sameness is what must be the same: documents without what is made anew, in an
// order of their own, and files by their content.
func sameness(t *testing.T, files map[string][]byte) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	names := namesOf(t, files)
	for name, data := range files {
		fields, document := renewed[name]
		if document {
			data = []byte(names.Replace(string(data)))
		}
		switch {
		case left.MatchString(name):
		case name == "account/picture.png":
			out[name] = []string{"drawn anew"}
		case document:
			for _, e := range documentRows(t, data) {
				verdicts := e["verifications"]
				for _, f := range fields {
					delete(e, f)
				}
				if list, ok := e["blocked"].([]any); ok {
					for _, b := range list {
						delete(b.(map[string]any), "at") //nolint:forcetypeassert // ours
					}
				}
				if list, ok := verdicts.([]any); ok {
					e["verdictNow"] = list[0].(map[string]any)["verdict"] //nolint:forcetypeassert // ours
				}
				text, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				out[name] = append(out[name], string(text))
			}
		case strings.HasPrefix(name, "badges/received/"):
			out["badges/received/"] = append(out["badges/received/"], fmt.Sprintf("%x", sha256.Sum256(data)))
		case strings.HasPrefix(name, "files/kept/"):
			out["files/kept/"] = append(out["files/kept/"], fmt.Sprintf("%x", sha256.Sum256(data)))
		default:
			out[name] = append(out[name], fmt.Sprintf("%x", sha256.Sum256(data)))
		}
	}
	for _, rows := range out {
		slices.Sort(rows)
	}
	return out
}

func documentRows(t *testing.T, data []byte) []map[string]any {
	t.Helper()
	var list []map[string]any
	if json.Unmarshal(data, &list) == nil {
		return list
	}
	var one map[string]any
	if err := json.Unmarshal(data, &one); err != nil {
		t.Fatal(err)
	}
	return []map[string]any{one}
}

// sealed makes an archive of files, with the checksums that belong to them.
func sealed(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var sums strings.Builder
	delete(files, "SHA256SUMS")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	files["SHA256SUMS"] = []byte(sums.String())
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}) // what packs too well is refused
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestAnArchiveIsNotBelieved: somebody changes what an archive says, with
// checksums that fit, and another brings it in.
func TestAnArchiveIsNotBelieved(t *testing.T) {
	p := startPassport(t, options{})
	who, _, issuer := lived(t, p, "ada")
	files := openZIP(t, who.export().body)
	edit := func(name, old, now string) {
		if !bytes.Contains(files[name], []byte(old)) {
			t.Fatalf("%s lacks %s", name, old)
		}
		files[name] = bytes.ReplaceAll(files[name], []byte(old), []byte(now))
	}
	edit("account/profile.json", `"role": "member"`, `"role": "admin"`)
	edit("account/profile.json", `"handle": "ada"`, `"handle": "friend"`)
	edit("manifest.json", `"siteUrl": "`, `"siteUrl": "https://elsewhere.test/`)
	for name, data := range files { // a badge whose bytes were changed after it was signed
		if strings.HasPrefix(name, "badges/received/") && bytes.Contains(data, []byte("About By link")) {
			files[name] = bytes.ReplaceAll(data, []byte("About By link"), []byte("About by lies"))
		}
	}
	files["feed/events.json"] = []byte(`[{"at":"2020-01-01T00:00:00Z","verb":"published","badge":"Forged","person":"friend"}]`)
	files["social/followers.json"] = []byte(`[{"kind":"person","name":"friend","since":"2020-01-01T00:00:00Z"}]`)
	events := p.count(`SELECT count(*) FROM event WHERE actor <> 0`)

	thief := p.member("thief")
	mine := thief.take(t, issuer, issuer.badge("Thief's own", "thief@people.test"))
	page := thief.bringBack(sealed(t, files)).is(t, 200)
	if n := p.count(`SELECT count(*) FROM badge WHERE person = $1 AND NOT unclaimed`, thief.person.ID); n != 1 {
		t.Errorf("the thief holds %d badges beside %s", n-1, mine)
	}
	if n := p.count(`SELECT count(*) FROM person WHERE handle = 'thief' AND role = 'member' AND name = 'Ada of Return'`); n != 1 {
		t.Error("the profile is not as a person may set it")
	}
	if n := p.count(`SELECT count(*) FROM email WHERE person = $1 AND confirmed_at > 0`, thief.person.ID); n != 1 {
		t.Errorf("%d addresses are confirmed", n)
	}
	if n := p.count(`SELECT count(*) FROM comment WHERE person = $1`, thief.person.ID); n != 0 {
		t.Errorf("%d comments of another site", n)
	}
	if n := p.count(`SELECT count(*) FROM event WHERE actor <> $1`, thief.person.ID); n != events {
		t.Errorf("%d events of others, %d before", n, events)
	}
	said := words(page.all(t, "main")[0]) // in the language of the archive, which the profile brought, or in that before
	for _, want := range [][2]string{{"adresse que vous n’avez pas confirmée", "an address that you have not confirmed"}, {"dit sur un autre site", "said on another site"}} {
		if !strings.Contains(said, want[0]) && !strings.Contains(said, want[1]) {
			t.Errorf("the page lacks %q: %s", want, said)
		}
	}

	p.write(`DELETE FROM badge_import`)
	liar := who.bringBack(sealed(t, files)).is(t, 200) // to whom the badges belong
	if n := p.count(`SELECT count(*) FROM badge WHERE person = $1`, who.person.ID); n != 5 {
		t.Errorf("%d badges: %s", n, words(liar.all(t, "main")[0]))
	}
}

// TestHostileArchives: each of the shared ones is refused with a reason, and with
// checksums too; nothing of the account changes and no file is written.
func TestHostileArchives(t *testing.T) {
	dir := sharedFolder(t, "hostile")
	p := startPassport(t, options{})
	who, _, _ := lived(t, p, "ada")
	who.token()
	before, files := p.dump("session"), dataFiles(t, p)
	n := 0
	for name, data := range hostileZIPs(t, dir) {
		for _, form := range [][]byte{data, withHead(data)} {
			if form == nil {
				continue
			}
			n++
			a := who.uploadArchive(form)
			if a.status == 303 {
				a = who.wait(a.location())
				if !bytes.Contains(a.body, []byte("n’est pas acceptée")) {
					t.Errorf("%s is taken: %s", name, words(a.all(t, "main")[0]))
				}
				who.post(strings.TrimPrefix(a.name, "GET ")+"/remove").is(t, 303)
			} else if a.status < 400 || a.status >= 500 {
				t.Errorf("%s: %s", name, a)
			}
			if a.took > 5*time.Second {
				t.Errorf("%s took %s", name, a.took)
			}
		}
	}
	if n < 33 {
		t.Errorf("only %d archives", n)
	}
	for _, c := range changes(before, p.dump("session")) {
		t.Errorf("changed: %s", c)
	}
	if diff := cmp.Diff(files, dataFiles(t, p)); diff != "" {
		t.Errorf("files: %s", diff)
	}
	t.Logf("%d archives are refused", n)
}

func dataFiles(t *testing.T, p *passport) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(p.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func hostileZIPs(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]byte{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct{ Surface, Name, File string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		switch {
		case c.Surface != "zip":
		case c.File != "":
			if out[c.Name], err = os.ReadFile(filepath.Join(dir, c.File)); err != nil {
				t.Fatal(err)
			}
		default:
			out[c.Name] = crowded(t)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// crowded is an archive of 100,001 empty files.
func crowded(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 100_001 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint("a/", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withHead adds a manifest and checksums to the entries of an archive, so that it
// is not refused for the lack of them alone; nil for what is no archive.
func withHead(data []byte) []byte {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > 1000 {
		return nil
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	sums := &strings.Builder{}
	add := func(name string, content []byte) {
		in, err := w.Create(name)
		if err != nil {
			return
		}
		_, _ = in.Write(content)
		fmt.Fprintf(sums, "%x  %s\n", sha256.Sum256(content), name)
	}
	for _, f := range z.File {
		if f.Name == "manifest.json" {
			return nil
		}
		raw, err := f.OpenRaw()
		if err != nil {
			return nil
		}
		to, err := w.CreateRaw(&f.FileHeader)
		if err != nil {
			return nil
		}
		_, _ = io.Copy(to, raw)
		if in, err := f.Open(); err == nil {
			h := sha256.New()
			_, _ = io.Copy(h, io.LimitReader(in, 64<<20))
			fmt.Fprintf(sums, "%x  %s\n", h.Sum(nil), f.Name)
			_ = in.Close()
		}
	}
	add("manifest.json", []byte(`{"format":"osier-export","version":2,"siteUrl":"http://localhost/","person":"victim"}`))
	in, err := w.Create("SHA256SUMS")
	if err != nil {
		return nil
	}
	_, _ = io.WriteString(in, sums.String())
	if w.Close() != nil {
		return nil
	}
	return out.Bytes()
}
