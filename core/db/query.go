package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// runner is what a *sql.DB, a *sql.Tx and a prepared connection share.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Row is one awaited row. It does nothing until Scan.
type Row struct {
	ctx    context.Context //nolint:containedctx // from QueryRow to Scan, one expression
	run    runner
	engine Engine
	query  string
	args   []any
}

// Scan runs the statement and reads its first row. It returns ErrNotFound when
// there is none.
func (r *Row) Scan(dest ...any) error {
	answer, err := rows(r.ctx, r.run, r.engine, r.query, r.args)
	if err != nil {
		return err
	}
	defer answer.Close()
	if !answer.Next() {
		if err := answer.Err(); err != nil {
			return fmt.Errorf("read a row: %w", explain(err))
		}
		return ErrNotFound
	}
	if err := answer.Scan(dest...); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	return answer.Close()
}

// Scanner is a row that can be read.
type Scanner interface{ Scan(dest ...any) error }

// Select runs a statement and reads all its rows with read. The result is never nil
// without an error when there are rows; no rows give an empty slice.
func Select[T any](ctx context.Context, d DB, read func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := d.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		v, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", explain(err))
	}
	return list, nil
}

// Exists reports whether a statement answers a row: SELECT 1 FROM ... WHERE ...
func Exists(ctx context.Context, d DB, query string, args ...any) (bool, error) {
	var there int
	err := d.QueryRow(ctx, query, args...).Scan(&there)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// One reads a single column of a single type, for Select.
func One[T any](s Scanner) (T, error) {
	var v T
	err := s.Scan(&v)
	return v, err
}

func exec(ctx context.Context, r runner, e Engine, query string, args []any) (int64, error) {
	res, err := r.ExecContext(ctx, rebind(e, query), args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", verb(query), explain(err))
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("count changed rows: %w", err)
	}
	return n, nil
}

func rows(ctx context.Context, r runner, e Engine, query string, args []any) (*sql.Rows, error) {
	answer, err := r.QueryContext(ctx, rebind(e, query), args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb(query), explain(err))
	}
	return answer, nil
}

// verb is the start of a statement, for error texts without values.
func verb(query string) string {
	f := strings.Fields(query)
	return strings.ToLower(strings.Join(f[:min(3, len(f))], " "))
}

// pool is the readers.
type pool struct {
	base  *Base
	db    *sql.DB
	stmts *stmts // SQLite only: pgx keeps its own
}

func (p pool) runner() runner {
	if p.stmts != nil {
		return p.stmts
	}
	return p.db
}

func (p pool) Engine() Engine { return p.base.engine }

func (p pool) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return exec(ctx, p.runner(), p.base.engine, query, args)
}

func (p pool) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return rows(ctx, p.runner(), p.base.engine, query, args)
}

func (p pool) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return &Row{ctx: ctx, run: p.runner(), engine: p.base.engine, query: query, args: args}
}

// preparer is a *sql.DB or a *sql.Conn.
type preparer interface {
	runner
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// stmts prepares each statement once. Past its limit statements run unprepared.
type stmts struct {
	from preparer
	mu   sync.RWMutex
	m    map[string]*sql.Stmt
}

const stmtLimit = 400

func newStmts(p preparer) *stmts { return &stmts{from: p, m: make(map[string]*sql.Stmt)} }

func (s *stmts) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next time, closed by close
	if err != nil {
		return nil, err
	}
	if st == nil {
		return s.from.ExecContext(ctx, query, args...)
	}
	return st.ExecContext(ctx, args...)
}

func (s *stmts) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.get(ctx, query) //nolint:sqlclosecheck // kept for the next time, closed by close
	if err != nil {
		return nil, err
	}
	if st == nil {
		return s.from.QueryContext(ctx, query, args...)
	}
	return st.QueryContext(ctx, args...)
}

func (s *stmts) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	st, n := s.m[query], len(s.m)
	s.mu.RUnlock()
	if st != nil || n >= stmtLimit {
		return st, nil
	}
	st, err := s.from.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.m[query]; old != nil {
		_ = st.Close() //nolint:sqlclosecheck // the spare one, now
		return old, nil
	}
	s.m[query] = st
	return st, nil
}

func (s *stmts) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.m {
		_ = st.Close()
	}
	clear(s.m)
}

var rebound sync.Map // query -> its SQLite form; the set of statements is the program's own

// rebind turns $1 into +?1 for SQLite, outside of quoted text. The plus changes
// no value, of whatever type, and hides the parameter from the planner: SQLite
// plans a statement again at each run when a value that it sees, such as that of
// LIMIT, might change the plan, and that costs ten times the run itself.
func rebind(e Engine, query string) string {
	if e != SQLite {
		return query
	}
	if r, ok := rebound.Load(query); ok {
		return r.(string) //nolint:errcheck,forcetypeassert // only strings are stored below
	}
	out := make([]byte, 0, len(query)+len(query)/16)
	quoted := false
	for i := range len(query) {
		c := query[i]
		switch {
		case c == '\'':
			quoted = !quoted
		case c == '$' && !quoted && i+1 < len(query) && query[i+1] >= '0' && query[i+1] <= '9':
			out = append(out, '+')
			c = '?'
		}
		out = append(out, c)
	}
	rebound.Store(query, string(out))
	return string(out)
}
