package kill9

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver, to look at the database from outside

	"github.com/osier-passport/osier/test/server"
)

// engine is one of the two databases.
type engine struct {
	config string // lines of config.toml
	open   func(s *server.Server) (*sql.DB, error)
	tables string // a query for the names of all tables
	row    string // a row of table t as one text
	kills  int    // in each phase: on PostgreSQL a lease of half a minute has to run out after each
}

// eachEngine runs a test on SQLite and, where there is one, on PostgreSQL.
func eachEngine(t *testing.T, f func(t *testing.T, e engine)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		f(t, engine{
			open: func(s *server.Server) (*sql.DB, error) {
				return sql.Open("sqlite3", "file:"+filepath.Join(s.Data(), "passport.db")+"?mode=ro")
			},
			tables: `SELECT name FROM sqlite_master WHERE type = 'table'`, kills: 4,
		})
	})
	t.Run("postgres", func(t *testing.T) {
		at := server.FreshDatabase(t)
		f(t, engine{
			config: fmt.Sprintf("database = %q\n", at),
			open:   func(*server.Server) (*sql.DB, error) { return sql.Open("pgx", at) },
			tables: `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`, row: "t::text", kills: 1,
		})
	})
}

// ask gives the number that a query answers.
func ask(t *testing.T, d *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := d.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// search looks for words in every row of every table.
func search(t *testing.T, d *sql.DB, e engine, words ...string) {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), e.tables)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if rows.Err() != nil || len(tables) < 40 {
		t.Fatalf("%d tables: %v", len(tables), rows.Err())
	}
	for _, table := range tables {
		for _, w := range words {
			query := fmt.Sprintf(`SELECT count(*) FROM %s t WHERE %s LIKE $1 OR %s LIKE $2`, table, e.row, e.row)
			if n := ask(t, d, query, "%"+w+"%", "%"+fmt.Sprintf("%x", w)+"%"); n > 0 {
				t.Errorf("%d rows of %s hold %q", n, table, w)
			}
		}
	}
}

// list gives the first column of a query, in words.
func list(t *testing.T, d *sql.DB, query string) string {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}
