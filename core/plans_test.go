package core_test

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/page"
)

// scans says why a statement may go through a table or an index from end to end.
var scans = map[string]string{
	"core/gallery.listMatching": "the ids that it is given, a thousand at most",
	// Ordered by the key that is walked, and ended by LIMIT.
	"core/badge.listNewest": "in the order of the index until the page is full",
	"core/admin.listNewest": "12 rows in the order of the key",
	"core/mail.newest":      "a page in the order of the key",

	// What changed within the last moments, the oldest first, and ended by LIMIT.
	"core/gallery.anyMark":   "one row",
	"core/gallery.takeMarks": "100 rows in the order of the key",

	"core/gallery.similarWords": "at most 200 words, which the statement itself chose",

	// The command that makes the index anew.
	"core/gallery.markAll":      "makes the index anew",
	"core/gallery.emptyIndex":   "makes the index anew",
	"core/gallery.emptyIndexed": "makes the index anew",
	"core/gallery.countDocs":    "the command that made it, at its end",
	"core/gallery.countNew":     "at most 99 rows, which the statement itself chose",

	// Few rows: what they hold lives for minutes or a day, or people write it by hand.
	"core/people.find":              "a page in the order of an index; core/people looks at each filter and order",
	"core/people.countriesOf":       "the countries that it has found, one at a time by the index",
	"core/account.settings":         "six rows",
	"core/share.listPlaces":         "one row for each target that is ordered",
	"core/share.listSwitched":       "one row a plugin, at the start",
	"core/account.erasePerson":      "oidc_state lives for minutes",
	"core/account.moveAccount":      "oidc_state lives for minutes",
	"core/badge.deleteEndedImports": "badge_import lives for a day",
	"core/request.listLinks":        "data_request lives for half an hour",
	"core/jobs.freeAll":             "the jobs that wait, once at the start",

	// Rare and in the background, or for the administrator.
	"core/connect.listKnown":        "apps that administrators set up, for a command",
	"core/account.listTombstones":   "at the start",
	"core/account.listRisen":        "at the start",
	"core/social.listComments":      "two pages that were cut before",
	"core/account.deleteStale":      "hourly",
	"core/account.groupRoles":       "hourly, and while nobody is an administrator",
	"core/admin.readCounts":         "the administrator's own page",
	"core/badge.countSilent":        "the administrator's own page",
	"core/feed.refreshAllDensities": "daily",
	"core/mail.removeBefore":        "daily",
	"core/web.sweep":                "hourly",

	"core/gone.insert":      "the rows that it writes",
	"core/feed.mergeNewest": "two sources for each event of the page, which the statement itself chose",
}

// unknownParts are what a statement is completed with when it runs.
var unknownParts = map[string][]string{
	"core/feed.deleteEvents":        {"verb = $1 AND object = $2", "verb = $1 AND object = $2 AND actor = $3", "badge = $1", "class = $1", "actor = $1"},
	"core/gallery.rankSQLite":       {"public", "members"},
	"core/gallery.matchSQLite":      {"public", "members", "at"},
	"core/gallery.listByKind":       {"public", "members", "at"},
	"core/gallery.listByFacet":      {"public", "members", "at"},
	"core/gallery.listNamedByKind":  {"public", "members", "name", "maker"},
	"core/gallery.listNamedByFacet": {"public", "members"},
	"core/gallery.matchNamedSQLite": {"public", "members"},
	"core/gallery.listOwned":        {"public", "members"},
	"core/gallery.topFacets":        {"public", "members"},
	"core/gallery.getFacetOf":       {"public", "members"},
	"core/gallery.getSkill":         {"public", "members"},
	"core/gallery.listSkills":       {"public", "members"},
	"core/gallery.knowsWord":        {"public", "members"},
	"core/gallery.similarWords":     {"public", "members"},
	"core/social.countTalk":         {"($2, $3)"},
	"core/endorse.countDecide":      {"($2, $3)"},
	"core/feed.hydrate":             {"$5, $6"},
	"core/gone.insert":              {"($1), ($2)"},
	"core/jobs.claim":               {"$3, $4"},
	"core/jobs.due":                 {"$1, $2"},
	"core/badge.listPicked":         {"$3, $4"},
}

// statement is one SQL text of the program.
type statement struct{ where, text string }

// TestNoStatementGoesThroughABigTable asks SQLite for the plan of every
// statement in the store files. What it goes through from end to end needs a
// reason above.
func TestNoStatementGoesThroughABigTable(t *testing.T) {
	b := dbtest.SQLite(t)
	used := map[string]bool{}
	list := statements(t)
	if len(list) < 150 {
		t.Errorf("only %d statements found: the search is broken", len(list))
	}
	for _, s := range list {
		for _, step := range plan(t, b, s) {
			if fullText.MatchString(step) {
				continue
			}
			if allOfAKind.MatchString(step) { // all that is public, all documents of a kind: as good as a scan
				step = "SCAN " + step
			}
			if !strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "AUTOMATIC") || step == "SCAN CONSTANT ROW" {
				continue
			}
			if used[s.where] = true; scans[s.where] == "" {
				t.Errorf("%s: %s\n%s", s.where, step, s.text)
			}
		}
	}
	for where := range scans {
		if !used[where] {
			t.Errorf("%s scans nothing: take its reason away", where)
		}
	}
}

// allOfAKind is an index of which no more than the kind is asked for.
var allOfAKind = regexp.MustCompile(`INDEX (?:badge_public \(visibility=\?\)|search_doc_\w+ \(kind=\?\))$`)

// fullText is a search in the full-text index by words (4 and more) or by the id of
// a row (1, 2), which SQLite calls a scan.
var fullText = regexp.MustCompile(`^SCAN search_index VIRTUAL TABLE INDEX (?:1|[4-9]|2):`)

var parameter = regexp.MustCompile(`\$(\d+)`)

func plan(t *testing.T, b *db.Base, s statement) []string {
	t.Helper()
	count := 0
	for _, m := range parameter.FindAllStringSubmatch(s.text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		count = max(count, n)
	}
	steps, err := db.Select(t.Context(), b.Read(), func(row db.Scanner) (string, error) {
		var id, parent, unused int
		var detail string
		return detail, row.Scan(&id, &parent, &unused, &detail)
	}, `EXPLAIN QUERY PLAN `+s.text, make([]any, count)...)
	if err != nil {
		t.Errorf("%s: %v\n%s", s.where, err, s.text)
	}
	return steps
}

// statements finds the SQL texts of all store files.
func statements(t *testing.T) []statement {
	t.Helper()
	all := sources(t)
	named := map[string]names{}
	for _, s := range all {
		if named[s.dir] == nil {
			named[s.dir] = names{}
		}
		maps.Copy(named[s.dir], namesOf(s.file))
	}
	var list []statement
	for _, r := range blob.References() {
		where := r.Where
		if where == "" {
			where = r.Column + " = $1"
		}
		list = append(list, statement{"core/blob.dropStatement", "SELECT 1 FROM " + r.Table + " WHERE " + where})
	}
	for _, s := range all {
		if !strings.HasPrefix(s.name, "store") || s.name == "store_postgres.go" {
			continue
		}
		for _, d := range s.file.Decls {
			where := s.dir + "." + nameOf(d)
			ast.Inspect(d, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				text, ok := named[s.dir].text(e)
				if !ok || !sqlVerb.MatchString(text) {
					return true
				}
				for _, part := range parts(where) {
					list = append(list, statement{where, strings.ReplaceAll(text, missing, part)})
				}
				return false
			})
		}
	}
	return list
}

func parts(where string) []string {
	if list := unknownParts[where]; list != nil {
		return list
	}
	return []string{missing}
}

var sqlVerb = regexp.MustCompile(`^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) `)

// missing stands for a part that is only known when the program runs.
const missing = "/* missing */"

// names are the texts that a package or a function of it names, by name.
type names map[string]ast.Expr

func namesOf(f *ast.File) names {
	out := names{}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range v.Names {
			if i < len(v.Values) {
				out[name.Name] = v.Values[i]
			}
		}
		return true
	})
	return out
}

func nameOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		if v, ok := d.Specs[0].(*ast.ValueSpec); ok {
			return v.Names[0].Name
		}
	}
	return ""
}

// text puts a text together from its literals, its named parts and the
// conditions of badge. It reports false for what is no text.
func (n names) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		left, ok := n.text(e.X)
		if !ok || e.Op != token.ADD {
			return "", false
		}
		right, ok := n.text(e.Y)
		if !ok {
			right = missing
		}
		return left + right, true
	case *ast.Ident:
		if v, ok := n[e.Name]; ok {
			return n.text(v)
		}
	case *ast.CallExpr:
		return condition(e)
	}
	return "", false
}

// conditions are the functions that write a part of a statement.
var conditions = map[string]func(string, int) string{
	"VisibleSQL": badge.VisibleSQL, "NamedSQL": badge.NamedSQL, "FoundNamedSQL": badge.FoundNamedSQL,
	"SomeSQL": badge.SomeSQL, "SomeFoundSQL": badge.SomeFoundSQL,
	"ShownSQL": account.ShownSQL, "ProfileSQL": account.ProfileSQL, "FindableSQL": account.FindableSQL, "FoundSQL": badge.FoundSQL,
}

// timedConditions are those that ask what time it is too.
var timedConditions = map[string]func(string, int, int) string{"VisibleSQL": page.VisibleSQL, "FoundSQL": page.FoundSQL}

func timedText(write func(string, int, int) string, e *ast.CallExpr) (string, bool) {
	alias, ok := names{}.text(e.Args[0])
	viewer, isViewer := e.Args[1].(*ast.BasicLit)
	now, isNow := e.Args[2].(*ast.BasicLit)
	if !ok || !isViewer || !isNow {
		return "", false
	}
	v, errViewer := strconv.Atoi(viewer.Value)
	n, errNow := strconv.Atoi(now.Value)
	return write(alias, v, n), errViewer == nil && errNow == nil
}

// condition is what a call of a function that writes SQL gives.
func condition(e *ast.CallExpr) (string, bool) {
	name := ""
	switch f := e.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	if write := timedConditions[name]; write != nil && len(e.Args) == 3 {
		return timedText(write, e)
	}
	write := conditions[name]
	if write == nil || len(e.Args) != 2 {
		return "", false
	}
	alias, ok := names{}.text(e.Args[0])
	viewer, isLit := e.Args[1].(*ast.BasicLit)
	if !ok || !isLit {
		return "", false
	}
	number, err := strconv.Atoi(viewer.Value)
	return write(alias, number), err == nil
}
