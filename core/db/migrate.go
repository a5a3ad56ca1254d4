package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// sqliteForms turns the words of the common schema text into SQLite's: only
// INTEGER PRIMARY KEY names the row itself, and bytes are BLOB.
var sqliteForms = strings.NewReplacer(
	"BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY",
	"BYTEA", "BLOB",
	"DOUBLE PRECISION", "REAL",
)

// postgresForms removes what only SQLite knows.
var postgresForms = strings.NewReplacer(" WITHOUT ROWID", "")

// Schema gives the migrations in the words of engine e.
func Schema(e Engine) (fs.FS, error) {
	forms := postgresForms
	if e == SQLite {
		forms = sqliteForms
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return dialect{dir, forms, otherBlocks[e]}, nil
}

// otherBlocks find what a migration says for the other engine alone: the lines
// between "-- sqlite {" and "-- }", or between "-- postgres {" and "-- }".
var otherBlocks = map[Engine]*regexp.Regexp{
	SQLite:   regexp.MustCompile(`(?ms)^-- postgres \{$.*?^-- \}$`),
	Postgres: regexp.MustCompile(`(?ms)^-- sqlite \{$.*?^-- \}$`),
}

// dialect is a folder whose files are read in other words.
type dialect struct {
	fs.FS
	forms *strings.Replacer
	cut   *regexp.Regexp
}

// Open opens a file, or the folder itself unchanged.
func (d dialect) Open(name string) (fs.File, error) {
	f, err := d.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return translated{f, strings.NewReader(d.forms.Replace(d.cut.ReplaceAllString(string(text), "")))}, nil
}

type translated struct {
	fs.File
	text io.Reader
}

func (t translated) Read(p []byte) (int, error) { return t.text.Read(p) }

func (b *Base) migrate(ctx context.Context) error {
	files, err := Schema(b.engine)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	engine := goose.DialectSQLite3
	var opts []goose.ProviderOption
	if b.engine == Postgres {
		engine = goose.DialectPostgres
		l, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("make the migration lock: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(l))
	}
	if isCurrent(ctx, b.writer, files) {
		return nil
	}
	p, err := goose.NewProvider(engine, b.writer, files, opts...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	have, newest, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if have > newest {
		return fmt.Errorf("the database has schema %d, this program knows %d: use the newer osier, or restore a backup", have, newest)
	}
	return up(ctx, p)
}

// isCurrent reports whether all migrations were applied, and no other: as good as every
// start finds it so, and a thirtieth of it was spent on asking more.
func isCurrent(ctx context.Context, d *sql.DB, files fs.FS) bool {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return false
	}
	applied := map[int64]bool{}
	rows, err := d.QueryContext(ctx, `SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0`)
	if err != nil {
		return false // there is no such table yet
	}
	defer rows.Close()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return false
		}
		applied[version] = true
	}
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil || !applied[version] {
			return false
		}
	}
	return rows.Err() == nil && len(applied) == len(names)
}

// up runs the migrations that are missing. Most starts find none: the texts of all
// are read only where there are some.
func up(ctx context.Context, p *goose.Provider) error {
	some, err := p.HasPending(ctx)
	if err == nil && some {
		_, err = p.Up(ctx)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
