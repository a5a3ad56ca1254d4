package gallery

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge"
)

// community is rows of people, classes and badges, written past their services.
type community struct {
	*Index

	t *testing.T
	b *db.Base
}

func newCommunity(t *testing.T, b *db.Base) *community {
	return &community{Index: NewIndex(b, nil), t: t, b: b}
}

func (c *community) exec(query string, args ...any) {
	c.t.Helper()
	err := c.b.Tx(c.t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(c.t.Context(), query, args...); return err })
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
}

func (c *community) person(id int64, name string) {
	c.exec(`INSERT INTO person (id, public_id, handle, name, created_at) VALUES ($1, $2, $2, $3, $4)`, id, fmt.Sprint("p", id), name, id)
}

func (c *community) issuer(id int64, name string) {
	c.exec(`INSERT INTO issuer (id, public_id, wire_id, name, first_seen) VALUES ($1, $2, $2, $3, $4)`, id, fmt.Sprint("i", id), name, id)
}

func (c *community) class(id, issuer int64, name string, tags []string, alignments ...openbadge.Alignment) {
	t, err := json.Marshal(append([]string{}, tags...))
	if err != nil {
		c.t.Fatal(err)
	}
	a, err := json.Marshal(append([]openbadge.Alignment{}, alignments...))
	if err != nil {
		c.t.Fatal(err)
	}
	c.exec(`INSERT INTO badge_class (id, public_id, content_hash, issuer, name, tags, alignments, created_at) VALUES ($1, $2, $2, $3, $4, $5, $6, $7)`,
		id, fmt.Sprint("c", id), issuer, name, string(t), string(a), id)
}

func (c *community) badge(id, person, class int64, visibility string) {
	c.exec(`INSERT INTO badge (id, public_id, person, class, equality, version, form, carrier, received, credential, verdict, verified_at, created_at)
		VALUES ($1, $2, $3, $4, $2, '3.0', 'di', 'json', '', '', 'valid', 1, 1)`, id, fmt.Sprint("b", id), person, class)
	c.exec(`UPDATE badge SET visibility = $2 WHERE id = $1`, id, visibility)
}

func (c *community) settle() {
	c.t.Helper()
	if err := c.Settle(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// names gives what a search finds, in order, by the names of the rows it stands for.
func (c *community) names(f finding) []string {
	c.t.Helper()
	f.after = fromStart
	f.level = cmp.Or(f.level, "public")
	ids, _, err := find(c.t.Context(), c.b.Read(), f)
	if err != nil {
		c.t.Fatal(err)
	}
	out := []string{}
	for _, id := range ids {
		name, err := db.One[string](c.b.Read().QueryRow(c.t.Context(), `SELECT COALESCE(c.name, p.name, i.name, f.label, g.title) FROM search_doc d
			LEFT JOIN badge_class c ON d.kind = 'class' AND c.id = d.object LEFT JOIN person p ON d.kind = 'person' AND p.id = d.object
			LEFT JOIN issuer i ON d.kind = 'issuer' AND i.id = d.object LEFT JOIN facet f ON d.kind = 'skill' AND f.id = d.object LEFT JOIN page g ON d.kind = 'page' AND g.id = d.object WHERE d.id = $1`, id))
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

// state is all that is counted, without the ids of the index itself.
func (c *community) state() []string {
	c.t.Helper()
	list, err := db.Select(c.t.Context(), c.b.Read(), db.One[string], `SELECT 'doc ' || d.kind || ' ' || CASE WHEN d.kind = 'skill' THEN (SELECT f.label FROM facet f WHERE f.id = d.object) ELSE CAST(d.object AS TEXT) END
			|| ' ' || d.public || ' ' || d.members || ' ' || d.words AS line FROM search_doc d
		UNION ALL SELECT 'word ' || word || ' ' || public || ' ' || members FROM search_word
		UNION ALL SELECT 'gram ' || gram || ' ' || word FROM search_gram
		UNION ALL SELECT 'facet ' || f.of || ' ' || f.kind || ' ' || f.value || ' ' || f.public || ' ' || f.members FROM facet f
		UNION ALL SELECT 'link ' || d.kind || ' ' || d.object || ' ' || f.kind || ' ' || f.value || ' ' || l.public || ' ' || l.members
			FROM facet_doc l JOIN facet f ON f.id = l.facet JOIN search_doc d ON d.id = l.doc WHERE d.kind <> 'skill'`)
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func (c *community) count(query string, args ...any) int {
	c.t.Helper()
	n, err := db.One[int](c.b.Read().QueryRow(c.t.Context(), query, args...))
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// page writes a page with a tag and words.
func (c *community) page(id, person int64, title, visibility string) {
	c.exec(`INSERT INTO page (id, public_id, person, title, style, visibility, created_at, changed_at, published_at) VALUES ($1, $2, $3, $4, 'willow', $5, 1, 1, $1)`,
		id, fmt.Sprint("g", id), person, title, visibility)
	c.exec(`INSERT INTO page_tag (page, folded, tag) VALUES ($1, $2, $2)`, id, fmt.Sprint("about", id%2))
	c.exec(`INSERT INTO page_block (page, id, place, rev, kind, body) VALUES ($1, 'a', 0, 1, 'text', $2), ($1, 'b', 1, 1, 'contact', '{"text":"Meetup","mail":"ada@people.test"}')`,
		id, `{"text":"What I **wove** in [Bremen](https://elsewhere.test/)"}`)
}

// fill makes a small community: what is private or behind a link is somebody's
// secret.
func (c *community) fill() {
	for i, name := range []string{"Ada Lovelace", "Grace Hopper", "Zoë Ångström", "Hidden Person"} {
		c.person(int64(i+1), name)
	}
	c.issuer(11, "Willow College")
	c.issuer(12, "Makers of Bremen")
	esco := openbadge.Alignment{Name: "Soldering", URL: "http://data.europa.eu/esco/skill/1", Framework: "ESCO", Code: "S1"}
	c.class(21, 11, "Data analysis with Python", []string{"data", "Python"}, esco)
	c.class(22, 11, "Medienkompetenz", []string{"media"})
	c.class(23, 12, "Laser cutter licence", []string{"tools"}, esco)
	c.class(24, 12, "Secret order", []string{"occult"}, openbadge.Alignment{Name: "Whispering", Framework: "Own", Code: "W"})
	c.badge(31, 1, 21, "public")
	c.badge(32, 2, 21, "members")
	c.badge(33, 3, 21, "private")
	c.badge(34, 1, 22, "public")
	c.badge(35, 3, 23, "public")
	c.badge(36, 4, 24, "private")
	c.badge(37, 1, 24, "link")
	c.page(41, 1, "Portfolio of baskets", "public")
	c.page(42, 2, "Almanac for members", "members")
	c.page(43, 1, "Diary of nobody", "private")
	c.page(44, 1, "Linkedin only", "link")
	c.page(45, 3, "Passworded", "public")
	c.exec(`UPDATE page SET password = 'x' WHERE id = 45`)
	c.page(46, 4, "Of somebody hidden", "public")
	c.exec(`UPDATE person SET hidden_at = 1 WHERE id = 4`)
	c.exec(`INSERT INTO explore_place (person, country, country_for) VALUES (1, 'DE', 'public'), (2, 'FR', 'members'), (3, 'SE', 'private')`)
}

func TestOnlyWhatIsShownIsCountedAndFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		c := newCommunity(t, b)
		c.fill()
		c.settle()
		for _, v := range []struct {
			query string
			want  int
		}{
			{`SELECT public FROM search_doc WHERE kind = 'class' AND object = 21`, 1},
			{`SELECT members FROM search_doc WHERE kind = 'class' AND object = 21`, 2},
			{`SELECT count(*) FROM search_doc WHERE kind = 'class' AND object = 24`, 0},
			{`SELECT count(*) FROM facet WHERE value = 'occult' OR label = 'Whispering'`, 0},
			{`SELECT count(*) FROM search_word WHERE word IN ('secret', 'occult', 'whispering', 'hidden')`, 0},
			{`SELECT public FROM search_doc WHERE kind = 'issuer' AND object = 11`, 2},
			{`SELECT members FROM search_doc WHERE kind = 'issuer' AND object = 11`, 3},
			{`SELECT public FROM facet WHERE of = 'class' AND kind = 'tag' AND value = 'python'`, 1},
			{`SELECT public FROM facet WHERE of = 'class' AND kind = 'skill'`, 2},
			{`SELECT public FROM facet WHERE of = 'class' AND kind = 'country' AND value = 'DE'`, 2},
			{`SELECT public FROM facet WHERE of = 'class' AND kind = 'country' AND value = 'FR'`, 0},
			{`SELECT members FROM facet WHERE of = 'class' AND kind = 'country' AND value = 'FR'`, 1},
			{`SELECT count(*) FROM facet WHERE value = 'SE'`, 0},
			{`SELECT count(*) FROM search_doc WHERE kind = 'person' AND object = 4`, 0},
			{`SELECT public FROM search_doc WHERE kind = 'person' AND object = 2`, 0},
			{`SELECT public FROM search_doc WHERE kind = 'page' AND object = 41`, 1},
			{`SELECT members FROM search_doc WHERE kind = 'page' AND object = 42 AND public = 0`, 1},
			{`SELECT count(*) FROM search_doc WHERE kind = 'page'`, 2},
			{`SELECT public FROM facet WHERE of = 'page' AND kind = 'tag' AND value = 'about1'`, 1},
			{`SELECT count(*) FROM facet WHERE of = 'page' AND scheme <> ''`, 0},
			{`SELECT count(*) FROM search_word WHERE word IN ('diary', 'linkedin', 'passworded', 'somebody', 'almanac') AND public > 0`, 0},
			{`SELECT count(*) FROM search_word WHERE word IN ('diary', 'linkedin', 'passworded', 'somebody', 'meetup')`, 0},
			{`SELECT count(*) FROM search_doc WHERE kind = 'skill' AND words LIKE '%about%'`, 0},
		} {
			if got := c.count(v.query); got != v.want {
				t.Errorf("%s: %d, want %d", v.query, got, v.want)
			}
		}
	})
}

func TestSearchFindsWordsPartsAndMistakes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		c := newCommunity(t, b)
		c.fill()
		c.settle()
		words := newTogether()
		for _, v := range []struct {
			kind, text string
			fixed      bool
			want       []string
		}{
			{kindClass, "python", false, []string{"Data analysis with Python"}},
			{kindClass, "PYTH data", false, []string{"Data analysis with Python"}},
			{kindClass, "willow", false, []string{"Data analysis with Python", "Medienkompetenz"}},
			{kindClass, "solderng", true, []string{"Data analysis with Python", "Laser cutter licence"}},
			{kindPerson, "python", true, nil},
			{kindPerson, "willow", true, nil},
			{kindClass, "pyhton", true, []string{"Data analysis with Python"}},
			{kindClass, "kompetenz", true, []string{"Medienkompetenz"}},
			{kindClass, "secret", true, nil},
			{kindClass, "zzzzzz", true, nil},
			{kindPerson, "zoe angstrom", false, []string{"Zoë Ångström"}},
			{kindPerson, "Lovealce", true, []string{"Ada Lovelace"}},
			{kindPerson, "hidden", true, nil},
			{kindPerson, "hopper", true, nil},
			{kindIssuer, "bremen", false, []string{"Makers of Bremen"}},
			{kindSkill, "solder", false, []string{"Soldering"}},
		} {
			f := finding{kind: v.kind, terms: termsOf(v.text), level: "public"}
			got := c.names(f)
			among := f // those of other kinds
			among.together = words
			if diff := gocmp.Diff(got, c.names(among)); diff != "" {
				t.Errorf("%s %q together with other kinds (-alone +got):\n%s", v.kind, v.text, diff)
			}
			if len(got) == 0 && v.fixed {
				terms, err := correct(t.Context(), b.Read(), f)
				if err != nil {
					t.Fatal(err)
				}
				if too, err := words.correct(t.Context(), b.Read(), among); err != nil || !gocmp.Equal(terms, too, gocmp.AllowUnexported(form{})) {
					t.Errorf("%q is corrected to %v, together to %v: %v", v.text, terms, too, err)
				}
				if f.terms = terms; terms != nil {
					got = c.names(f)
				}
			}
			slices.Sort(got)
			if diff := gocmp.Diff(append([]string{}, v.want...), got); diff != "" {
				t.Errorf("%s %q (-want +got):\n%s", v.kind, v.text, diff)
			}
		}
		if got := c.names(finding{kind: kindPerson, terms: termsOf("hopper"), level: "members"}); len(got) != 1 {
			t.Errorf("members find %v for hopper", got)
		}
	})
}

func TestABetterMatchStandsFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		c := newCommunity(t, b)
		c.person(1, "Ada")
		c.issuer(11, "College")
		c.class(21, 11, "Bread", []string{"cheese"})
		c.class(22, 11, "Cheese", nil)
		c.class(23, 11, "Cheesecake", nil)
		c.class(24, 11, "Walking", nil)
		for i := range int64(4) {
			c.badge(31+i, 1, 21+i, "public")
		}
		c.settle()
		got := c.names(finding{kind: kindClass, terms: termsOf("cheese")})
		if len(got) != 3 || got[0] != "Cheese" || got[2] == "Cheese" {
			t.Errorf("found %v", got)
		}
	})
}

// TestCountersStayExact changes a community at random; what the index holds is each
// time what a new count of everything gives.
func TestCountersStayExact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		c := newCommunity(t, b)
		c.fill()
		r := rand.New(rand.NewPCG(1, 2))
		levels := []string{"private", "link", "members", "public"}
		next := int64(100)
		for round := range 6 {
			for range 6 {
				person, class := 1+r.Int64N(4), 21+r.Int64N(4)
				switch r.IntN(15) {
				case 0, 1:
					next++
					c.badge(next, person, class, levels[r.IntN(4)])
				case 2:
					c.exec(`DELETE FROM badge WHERE id = (SELECT max(id) FROM badge)`)
				case 3:
					c.exec(`UPDATE badge SET visibility = $2 WHERE class = $1`, class, levels[r.IntN(4)])
				case 4:
					c.exec(`UPDATE person SET hidden_at = 1 - hidden_at WHERE id = $1`, person)
				case 5:
					c.exec(`UPDATE person SET findable = NOT findable WHERE id = $1`, person)
				case 6:
					c.exec(`UPDATE badge SET verdict = CASE WHEN verdict = 'valid' THEN 'invalid' ELSE 'valid' END WHERE person = $1`, person)
				case 7:
					c.exec(`UPDATE badge SET show_name = NOT show_name WHERE person = $1 AND class = $2`, person, class)
				case 10, 11:
					c.exec(`UPDATE page SET visibility = $2 WHERE person = $1`, person, levels[r.IntN(4)])
				case 12:
					c.exec(`UPDATE page SET password = CASE WHEN password = '' THEN 'x' ELSE '' END WHERE person = $1`, person)
				case 13:
					c.exec(`UPDATE page SET removed_at = 1 - removed_at WHERE person = $1`, person)
				case 14:
					c.exec(`UPDATE page SET title = $2, version = version + 1 WHERE person = $1`, person, fmt.Sprint("Title ", r.IntN(4)))
				case 9:
					c.exec(`UPDATE badge SET removed_at = 1 - removed_at WHERE person = $1 AND class = $2`, person, class)
				case 8:
					c.exec(`UPDATE explore_place SET country = $2, country_for = $3 WHERE person = $1`, person, []string{"DE", "FR", ""}[r.IntN(3)], []string{"public", "members", "private"}[r.IntN(3)])
				}
			}
			c.settle()
			got := c.state()
			if err := c.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.settle()
			if diff := gocmp.Diff(c.state(), got); diff != "" {
				t.Fatalf("round %d: (-counted anew +kept)\n%s", round, diff)
			}
		}
	})
}

// TestAPageEndsByItself: when its time is over nothing counts it, and a page of that
// name is found again when it has more time.
func TestAPageEndsByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		c := newCommunity(t, b)
		c.fill()
		c.settle()
		f := finding{kind: kindPage, terms: termsOf("basket wove")}
		if got := c.names(f); len(got) != 1 {
			t.Fatalf("found %q", got)
		}
		c.exec(`UPDATE page SET until = 5 WHERE id = 41`)
		c.exec(`DELETE FROM search_mark`) // as if time had passed, and nothing changed
		if err := c.endPages(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.settle()
		if n := c.count(`SELECT count(*) FROM search_doc WHERE kind = 'page' AND public > 0`) + c.count(`SELECT count(*) FROM facet WHERE of = 'page' AND public > 0`); n != 0 {
			t.Errorf("%d documents and counters of a page whose time is over", n)
		}
		c.exec(`UPDATE page SET until = 0 WHERE id = 41`)
		c.settle()
		if got := c.names(f); len(got) != 1 {
			t.Errorf("found %q", got)
		}
	})
}

func TestNothingOfADeletedWordStays(t *testing.T) {
	b := dbtest.SQLite(t)
	c := newCommunity(t, b)
	c.fill()
	c.settle()
	c.exec(`DELETE FROM badge WHERE class = 22`)
	c.exec(`DELETE FROM badge_class WHERE id = 22`)
	c.settle()
	if err := b.Tx(t.Context(), func(tx *db.Tx) error { return forgetText(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	blocks, err := db.Select(t.Context(), b.Read(), db.One[string], `SELECT CAST(block AS TEXT) FROM search_index_segments UNION ALL SELECT CAST(root AS TEXT) FROM search_index_segdir`)
	if err != nil || len(blocks) == 0 {
		t.Fatalf("%d blocks, %v", len(blocks), err)
	}
	if all := strings.Join(blocks, "\n"); strings.Contains(all, "medien") || !strings.Contains(all, "laser") {
		t.Error("the index holds a deleted word, or nothing at all")
	}
}

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"Épée, ÖFFNUNG!":        "epee offnung",
		"C++ & a/b e-mail":      "c a b e mail",
		"学习 Python3":            "学 习 python3",
		"a\u0300\u0301'); DROP": "a drop",
		"👩‍👩‍👧":                 "",
	} {
		if got := strings.Join(tokens(in, 100), " "); got != want {
			t.Errorf("tokens(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, v := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"python", "pyhton", 1}, {"kitten", "sitting", 3}, {"épée", "épe", 1}, {"ab", "ba", 1}} {
		if got := distance(v.a, v.b); got != v.want {
			t.Errorf("distance(%q, %q) = %d, want %d", v.a, v.b, got, v.want)
		}
	}
}

func TestCursors(t *testing.T) {
	for _, s := range []string{"", "x", "-1.5", "1.-5", "1", "1.0", "99999999999999999999.1", "'.'"} {
		if got := cursorOf(s); got != fromStart {
			t.Errorf("cursorOf(%q) = %v", s, got)
		}
	}
	if c := (cursor{7, 123456}); cursorOf(c.String()) != c {
		t.Error("a cursor is not read as it was written")
	}
}

// TestManyMatchesAreWalked: where more match than are ranked, those that most people
// show come first, page after page.
func TestManyMatchesAreWalked(t *testing.T) {
	b := dbtest.SQLite(t)
	c := newCommunity(t, b)
	c.fill()
	c.settle()
	f := finding{kind: kindClass, level: "members", order: "members", terms: termsOf("willow"), after: fromStart}
	matches, err := idsSQLite(t.Context(), b.Read(), f.terms)
	if err != nil || len(matches) < 2 {
		t.Fatalf("%d matches, %v", len(matches), err)
	}
	first, done, err := walk(t.Context(), b.Read(), f, matches, 1)
	if err != nil || !done || len(first) != 1 || first[0].shown != 2 {
		t.Fatalf("first %v, %v, %v", first, done, err)
	}
	f.after = cursor{first[0].shown, first[0].id}
	second, done, err := walk(t.Context(), b.Read(), f, matches, 2)
	if err != nil || !done || len(second) != 1 || second[0].id == first[0].id {
		t.Errorf("second %v, %v, %v", second, done, err)
	}
}
