package gone

import (
	"context"
	"fmt"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

func insert(ctx context.Context, tx *db.Tx, marks []string) error {
	args, rows := make([]any, len(marks)), make([]string, len(marks))
	for i, m := range marks {
		args[i], rows[i] = m, fmt.Sprintf("($%d)", i+1)
	}
	_, err := tx.Exec(ctx, `INSERT INTO gone (mark) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT (mark) DO NOTHING`, args...)
	return err
}

func isMarked(ctx context.Context, d db.DB, publicID, link string) (bool, error) {
	return db.Exists(ctx, d, `SELECT 1 FROM gone WHERE mark IN ($1, $2)`, publicID, link)
}
