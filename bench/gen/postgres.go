package gen

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/osier-passport/osier/core/db"
)

// Copy puts the community of a generated folder into an empty PostgreSQL database, by
// COPY, and makes the search index there, which each database has in a form of its own.
// The indexes of tables are made anew behind the rows.
func Copy(ctx context.Context, dir, url string) error {
	b, err := db.Open(ctx, db.Options{URL: url})
	if err != nil {
		return fmt.Errorf("make the schema: %w", err)
	}
	if err := b.Close(); err != nil {
		return err
	}
	from, err := sql.Open("sqlite3", "file:"+Database(dir)+"?mode=ro")
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer to.Close(ctx)
	// Rows come in the order of the tables' names, and what triggers would note is indexed below.
	if _, err := to.Exec(ctx, `SET session_replication_role = replica`); err != nil {
		return err
	}
	tables, err := columns(ctx, to)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := t.copy(ctx, from, to); err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
	}
	if _, err := to.Exec(ctx, `ANALYZE`); err != nil {
		return err
	}
	return index(ctx, url)
}

// table is a table of PostgreSQL with the types of its columns.
type table struct {
	name           string
	columns, types []string
}

// notCopied are the tables that the schema fills, and those of the search index.
const notCopied = `'goose_db_version', 'search_doc', 'search_word', 'search_gram', 'facet', 'facet_doc', 'search_mark'`

func columns(ctx context.Context, to *pgx.Conn) ([]table, error) {
	rows, err := to.Query(ctx, `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND c.table_name NOT IN (`+notCopied+`) ORDER BY c.table_name, c.ordinal_position`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []table
	for rows.Next() {
		var name, column, kind string
		if err := rows.Scan(&name, &column, &kind); err != nil {
			return nil, err
		}
		if len(list) == 0 || list[len(list)-1].name != name {
			list = append(list, table{name: name})
		}
		t := &list[len(list)-1]
		t.columns, t.types = append(t.columns, column), append(t.types, kind)
	}
	return list, rows.Err()
}

// copy takes all rows of the table, in place of those that the schema has put there.
func (t table) copy(ctx context.Context, from *sql.DB, to *pgx.Conn) error {
	rows, err := from.QueryContext(ctx, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name) //nolint:gosec // G202: names of our own schema
	if err != nil {
		return err
	}
	defer rows.Close()
	if _, err := to.Exec(ctx, `DELETE FROM `+t.name); err != nil {
		return err
	}
	_, err = to.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, &copied{rows: rows, types: t.types})
	return errors.Join(err, rows.Err())
}

// copied gives rows of SQLite as PostgreSQL wants them.
type copied struct {
	rows  *sql.Rows
	types []string
}

// Next implements pgx.CopyFromSource.
func (c *copied) Next() bool { return c.rows.Next() }

// Err implements pgx.CopyFromSource.
func (c *copied) Err() error { return c.rows.Err() }

// Values implements pgx.CopyFromSource: SQLite has numbers for truth, and text and
// bytes as they were written.
func (c *copied) Values() ([]any, error) {
	values, places := make([]any, len(c.types)), make([]any, len(c.types))
	for i := range values {
		places[i] = &values[i]
	}
	if err := c.rows.Scan(places...); err != nil {
		return nil, err
	}
	for i, kind := range c.types {
		switch v := values[i].(type) {
		case int64:
			if kind == "boolean" {
				values[i] = v != 0
			} else if kind == "double precision" {
				values[i] = float64(v)
			}
		case []byte:
			if kind == "text" {
				values[i] = string(v)
			}
		case string:
			if kind == "bytea" {
				values[i] = []byte(v)
			}
		}
	}
	return values, nil
}
