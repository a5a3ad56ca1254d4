package gen

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	_ "github.com/mattn/go-sqlite3" // the "sqlite3" driver
)

// file is the database, open for writing in bulk: no journal, one transaction.
type file struct {
	base *sql.DB
	tx   *sql.Tx
}

func openFile(ctx context.Context, path string) (*file, error) {
	base, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=OFF&_synchronous=OFF&_foreign_keys=off&_cache_size=-262144&_locking_mode=EXCLUSIVE")
	if err != nil {
		return nil, err
	}
	base.SetMaxOpenConns(1)
	tx, err := base.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, base.Close())
	}
	return &file{base, tx}, nil
}

func (f *file) close() error {
	return errors.Join(f.tx.Commit(), f.base.Close())
}

// insert writes the rows that next gives until it reports false. The statement
// has a parameter for each value of a row.
func (f *file) insert(ctx context.Context, statement string, next func() ([]any, bool)) error {
	st, err := f.tx.PrepareContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	defer st.Close()
	for {
		row, more := next()
		if !more {
			return nil
		}
		if _, err := st.ExecContext(ctx, row...); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
}

// each gives the rows that rowOf makes for 0 to n-1; a nil row is left out.
func each(n int, rowOf func(i int) []any) func() ([]any, bool) {
	i := 0
	return func() ([]any, bool) {
		for i < n {
			i++
			if row := rowOf(i - 1); row != nil {
				return row, true
			}
		}
		return nil, false
	}
}
