package server

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// FreshDatabase makes an empty PostgreSQL database, dropped when the test ends,
// and gives its address. Without OSIER_TEST_PG the test is skipped.
func FreshDatabase(t testing.TB) string {
	t.Helper()
	at := os.Getenv("OSIER_TEST_PG")
	if at == "" {
		t.Skip("OSIER_TEST_PG is not set: the passport on PostgreSQL is left out")
	}
	name := fmt.Sprintf("osier_e2e_%d_%d", os.Getpid(), time.Now().UnixNano())
	execute(t, at, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, at, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func execute(t testing.TB, at, statement string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
