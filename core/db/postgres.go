package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// postgresConns bounds the writers, the readers, and the readers that plan once, of
	// one process: writers that wait for the same row leave pages their connections.
	postgresConns = 8
	postgresIdle  = 5 * time.Minute
)

// What connections are told first. Compiling a statement takes longer than each of ours
// runs, and PostgreSQL does it where a plan looks dear.
const (
	plainly = `SET jit = off`
	onceOf  = plainly + `; SET plan_cache_mode = force_generic_plan`
)

func (b *Base) openPostgres(ctx context.Context, url string) error {
	b.engine = Postgres
	b.again = make(chan struct{}, 1)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("open PostgreSQL: %w", err)
	}
	b.writer, b.readers, b.planned = postgresPool(config, plainly), postgresPool(config, plainly), postgresPool(config, onceOf)
	b.read = pool{base: b, db: b.readers}
	if err := b.readers.PingContext(ctx); err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	return nil
}

// postgresPool makes connections that run the settings first. They are sent as a
// statement, since servers between us and PostgreSQL refuse settings that they do not know
// when a connection begins; one that refuses them now costs time and nothing else.
func postgresPool(config *pgx.ConnConfig, settings string) *sql.DB {
	d := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, _ = c.PgConn().Exec(ctx, settings).ReadAll() // a connection that is broken says so at its first statement
		return nil
	}))
	d.SetMaxOpenConns(postgresConns)
	d.SetMaxIdleConns(postgresConns / 2)
	d.SetConnMaxIdleTime(postgresIdle)
	return d
}
