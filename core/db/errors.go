package db

import (
	"errors"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"github.com/osier-passport/osier/core/fault"
)

// ErrNotFound is returned by Row.Scan when no row answers.
var ErrNotFound = errors.New("no such row")

// IsUnique reports whether err says that a row with these values is there already.
func IsUnique(err error) bool {
	if s, ok := errors.AsType[sqlite3.Error](err); ok {
		return s.ExtendedCode == sqlite3.ErrConstraintUnique || s.ExtendedCode == sqlite3.ErrConstraintPrimaryKey
	}
	p, ok := errors.AsType[*pgconn.PgError](err)
	return ok && p.Code == "23505"
}

// isRace reports whether PostgreSQL asks to run the transaction again
// (PostgreSQL docs, appendix A, class 40).
func isRace(err error) bool {
	p, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (p.Code == "40001" || p.Code == "40P01")
}

// explain gives the errors of a full disk and of an absent server their meaning.
func explain(err error) error {
	if s, ok := errors.AsType[sqlite3.Error](err); ok {
		switch s.Code {
		case sqlite3.ErrFull:
			return fault.New(fault.Insufficient, "error.disk_full").Wrap(err)
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return fault.New(fault.Unavailable, "error.busy").After(time.Second).Wrap(err)
		case sqlite3.ErrIoErr:
			return fault.New(fault.Unavailable, "error.storage").Wrap(err)
		}
		return err
	}
	if p, ok := errors.AsType[*pgconn.PgError](err); ok {
		return explainPostgres(p, err)
	}
	if isUnreachable(err) {
		return fault.New(fault.Unavailable, "error.busy").After(2 * time.Second).Wrap(err)
	}
	return err
}

func explainPostgres(p *pgconn.PgError, err error) error {
	switch {
	case p.Code == "53100":
		return fault.New(fault.Insufficient, "error.disk_full").Wrap(err)
	case strings.HasPrefix(p.Code, "57P"), strings.HasPrefix(p.Code, "08"), p.Code == "53300":
		return fault.New(fault.Unavailable, "error.busy").After(2 * time.Second).Wrap(err)
	}
	return err
}

func isUnreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[net.Error](err)
	return ok
}
