package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/db"
)

const module = "github.com/osier-passport/osier"

// ranks orders the layers: a package imports only packages of a lower rank.
var ranks = map[string]int{
	"plugins/sdk/wire": 0, "plugins/sdk/sharetest/remote": 0, "plugins/sdk": 1, "themes": 1, "plugins/sdk/sharetest": 2, "plugins/scaffold": 2,
	"plugins/linkedin": 3, "plugins/mastodon": 3, "plugins/bluesky": 3, "plugins/facebook": 3, "plugins/twitter": 3, "plugins/links": 3,
	"plugins/email": 3, "plugins/chat": 3, "plugins/wordpress": 3, "plugins/webhook": 3,
	"plugins": 4,

	"core/pack": 3, "core/pack/train": 51, "core/pace": 3,

	"core/openbadge/strictjson": 3,
	"core/openbadge/ld":         5, "core/openbadge/wrap": 5, "core/fault": 5,
	"core/openbadge/bake": 6, "core/openbadge/locate": 6, "core/art/paint": 7, "core/art/raster": 7, "core/art/svg": 8,
	"core/config": 10, "core/i18n": 10, "core/secret": 10, "core/text": 10, "core/art": 10, "core/openbadge": 10,
	"core/certificate": 12, "core/openbadge/verify": 12, "core/openbadge/issue": 12,
	"core/db": 20, "core/fetch": 20, "core/theme": 20,
	"core/db/dbtest": 21, "core/blob": 22, "core/archive": 22,
	"core/event": 25,
	"core/jobs":  30,
	"core/mail":  35, "core/web": 35,
	"core/web/webtest": 36, "core/account/oidc": 38, "core/account/oidc/oidctest": 37,
	"core/account": 40,
	"core/file":    45, "core/gone": 45,
	"core/profile": 55,
	"core/sign":    42,
	"core/badge":   50,
	"core/social":  60, "core/check": 60, "core/endorse": 61, "core/detail": 61, "core/report": 61,
	"core/page":       62,
	"core/control":    20,
	"core/share/host": 69, "core/share/install": 69, "core/share/dev": 70, "core/share/oauth": 68, "core/feed": 70, "core/share": 71,
	"core/gallery": 72,
	"core/connect": 80,
	"core/mydata":  85, "core/merge": 86, "core/request": 86, "core/people": 86, "core/admin": 85,
	"core/demo": 90,
	"core":      95,
	".":         100,
}

// source is one parsed Go file of the module, test files left out.
type source struct {
	dir, name string
	file      *ast.File
	imports   []string
}

func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || hasOwnModule(p)) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(filepath.ToSlash(p), "../")
		s := source{dir: path.Dir(rel), name: path.Base(rel), file: f}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, name)
		}
		list = append(list, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("only %d files found: the walk is broken", len(list))
	}
	return list
}

func hasOwnModule(dir string) bool {
	if dir == ".." {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func TestAPackageImportsOnlyLowerRanks(t *testing.T) {
	for _, s := range sources(t) {
		rank, ok := ranks[s.dir]
		if !ok {
			t.Errorf("%s/%s: give package %s a rank", s.dir, s.name, s.dir)
			continue
		}
		for _, i := range s.imports {
			to, inside := strings.CutPrefix(i, module)
			if !inside {
				continue
			}
			if to = strings.TrimPrefix(to, "/"); to == "" {
				to = "."
			}
			if ranks[to] >= rank {
				t.Errorf("%s/%s: rank %d must not import %s of rank %d", s.dir, s.name, rank, to, ranks[to])
			}
		}
	}
}

func TestTheRulesOfImports(t *testing.T) {
	for _, s := range sources(t) {
		at := s.dir + "/" + s.name
		for _, i := range s.imports {
			switch {
			case i == "database/sql" && s.dir != "core/db" && s.dir != "core/db/dbtest" && !strings.HasPrefix(s.name, "store"):
				t.Errorf("%s: database/sql belongs in store*.go", at)
			case strings.HasPrefix(i, "github.com/gofiber/") && s.dir != "core/web":
				t.Errorf("%s: Fiber belongs in core/web", at)
			case strings.HasPrefix(s.dir, "plugins") && strings.HasPrefix(i, module+"/core"):
				t.Errorf("%s: plugins know nothing of core", at)
			case strings.HasPrefix(s.dir, "core/openbadge") && (i == "database/sql" || i == "net/http" || strings.HasPrefix(i, module+"/core/web") || strings.HasPrefix(i, module+"/core/db")):
				t.Errorf("%s: formats know neither web nor database", at)
			}
		}
	}
}

// A plugin's requests are its own process's, and go by the passport's proxy.
func TestOnlyFetchMakesRequests(t *testing.T) {
	outside := []string{"core/fetch", "core/web/webtest", "core/account/oidc/oidctest", "plugins/sdk", "plugins/sdk/sharetest/remote"}
	client := map[string]bool{"Get": true, "Post": true, "Head": true, "PostForm": true, "DefaultClient": true, "DefaultTransport": true, "Client": true, "Transport": true}
	for _, s := range sources(t) {
		if slices.Contains(outside, s.dir) || !slices.Contains(s.imports, "net/http") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if ok {
				n = lit.Type
			}
			sel, isSel := n.(*ast.SelectorExpr)
			if !isSel {
				return true
			}
			pkg, isName := sel.X.(*ast.Ident)
			made := ok || sel.Sel.Name != "Client" && sel.Sel.Name != "Transport"
			if isName && pkg.Name == "http" && client[sel.Sel.Name] && made {
				t.Errorf("%s/%s: http.%s belongs in core/fetch", s.dir, s.name, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestNoInitAndAPackageComment(t *testing.T) {
	commented := map[string]bool{}
	for _, s := range sources(t) {
		if s.file.Doc != nil {
			commented[s.dir] = true
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil && !ast.IsGenerated(s.file) {
				t.Errorf("%s/%s: no init", s.dir, s.name)
			}
		}
	}
	for dir := range ranks {
		if _, err := os.Stat(filepath.Join("..", dir)); err == nil && !commented[dir] && dir != "plugins/sdk/wire" {
			t.Errorf("%s: no package comment", dir)
		}
	}
}

// owners says which package writes a table. Others may read it.
var owners = map[string]string{
	"setting": "core/account", "person": "core/account", "email": "core/account", "email_token": "core/account", "identity": "core/account", "address_proof": "core/account", "badge_alias": "core/badge", "data_request": "core/request",
	"password": "core/account", "passkey": "core/account", "recovery_code": "core/account", "spent": "core/account", "session": "core/account", "oidc_state": "core/account", "tombstone": "core/account",
	"oidc_session": "core/account", "gone_identity": "core/account", "entry": "core/account", "invitation": "core/account", "invitation_use": "core/account",
	"person_word": "core/account", "person_day": "core/account", "admin_act": "core/people", "removal": "core/people",
	"preference": "core/account", "old_handle": "core/account", "block": "core/account", "guardian": "core/account", "legal_text": "core/account", "consent": "core/account", "answer": "core/account",
	"link_hit": "core/badge", "follow_request": "core/social",
	"badge_tag": "core/badge", "collection": "core/badge", "collection_badge": "core/badge", "badge_change": "core/badge", "badge_change_row": "core/badge", "badge_reminder": "core/badge", "calendar_feed": "core/badge",
	"badge_detail": "core/detail", "badge_evidence": "core/detail", "badge_view": "core/detail", "congratulation": "core/social", "report": "core/report",
	"signing_key": "core/sign", "signing_end": "core/sign", "endorsement": "core/endorse", "endorsement_place": "core/endorse", "outsider": "core/endorse", "outsider_stop": "core/endorse",
	"blob": "core/blob", "rate": "core/web", "job": "core/jobs", "job_period": "core/jobs", "mail_outbox": "core/mail", "mail_pace": "core/mail",
	"issuer": "core/badge", "badge_class": "core/badge", "badge": "core/badge", "verification": "core/badge", "badge_import": "core/badge", "badge_record": "core/badge", "credential_part": "core/badge", "badge_frame": "core/badge", "badge_packing": "core/badge", "gone": "core/gone",
	"verification_document": "core/badge", "issuer_key": "core/badge", "host_health": "core/badge", "badge_host": "core/badge", "criteria_copy": "core/badge",
	"file": "core/file", "file_tag": "core/file",
	"page": "core/page", "page_block": "core/page", "page_badge": "core/page", "page_version": "core/page", "page_tag": "core/page",
	"profile_field": "core/profile", "profile_link": "core/profile", "profile_pin": "core/profile", "profile_choice": "core/profile", "profile_block": "core/profile", "profile_block_badge": "core/profile",
	"source": "core/social", "follow": "core/social", "comment": "core/social", "comment_gap": "core/social", "comment_seen": "core/social",
	"data_task": "core/mydata", "data_part": "core/mydata", "data_item": "core/mydata", "erasure": "core/mydata",
	"event": "core/feed", "event_src": "core/feed", "feed_total": "core/feed",
	"search_doc": "core/gallery", "search_word": "core/gallery", "search_gram": "core/gallery", "search_mark": "core/gallery", "facet": "core/gallery", "facet_doc": "core/gallery",
	"explore_place": "core/gallery", "explore_visit": "core/gallery",
	"plugin": "core/share", "share": "core/share", "share_account": "core/share", "share_connect": "core/share", "share_app": "core/share", "share_job": "core/share",
	"oauth_client": "core/connect", "oauth_grant": "core/connect", "oauth_token": "core/connect",
	"share_choice": "core/share", "plugin_setting": "core/share", "share_limit": "core/share", "share_order": "core/share",
}

// exceptions are counters that one feature keeps in another's table; the package
// comments say so.
var exceptions = map[string][]string{
	"core/social": {"person"},           // person.follows
	"core/feed":   {"person", "source"}, // person.density, source.events, source.last_event
}

var writes = regexp.MustCompile(`(?i)\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+([a-z_]+)\b`)

func TestAFeatureWritesOnlyItsOwnTables(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if s.dir == "core/db" || s.dir == "core/db/dbtest" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			for _, m := range writes.FindAllStringSubmatch(lit.Value, -1) {
				owner, known := owners[m[1]]
				if !known {
					continue // prose, or ON CONFLICT DO UPDATE SET
				}
				seen[m[1]] = true
				if owner != s.dir && !slices.Contains(exceptions[s.dir], m[1]) {
					t.Errorf("%s/%s writes %s, which %s owns", s.dir, s.name, m[1], owner)
				}
			}
			return true
		})
	}
	for table := range owners {
		if !seen[table] {
			t.Errorf("nobody writes table %s", table)
		}
	}
}

func TestEveryTableHasAnOwner(t *testing.T) {
	files, err := db.Schema(db.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("migrations %v, %v", names, err)
	}
	tables := map[string]bool{}
	changed := regexp.MustCompile(`(CREATE|DROP) TABLE ([a-z_]+)`)
	for _, n := range names { // in the order of their numbers
		text, err := fs.ReadFile(files, n)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		for _, m := range changed.FindAllStringSubmatch(up, -1) {
			tables[m[2]] = m[1] == "CREATE"
		}
	}
	for table, there := range tables {
		if there && owners[table] == "" {
			t.Errorf("table %s has no owner", table)
		}
	}
}
