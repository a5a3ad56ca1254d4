package share

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func moveShares(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share SET person = $2 WHERE person = $1`, from, into)
	return err
}

// deleteConnections ends what is being connected: its seal names the old account.
func deleteConnections(ctx context.Context, tx *db.Tx, person int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM share_connect WHERE person = $1`, person)
	return err
}

func rebindJobs(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share_job SET badge = $2 WHERE badge = $1`, from, into)
	return err
}

func moveJobs(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share_job SET person = $2 WHERE person = $1`, from, into)
	return err
}

// moveAccount gives one account to another person, sealed anew.
func moveAccount(ctx context.Context, tx *db.Tx, a Account) error {
	_, err := tx.Exec(ctx, `UPDATE share_account SET person = $2, sealed = $3 WHERE id = $1`, a.row, a.person, a.sealed)
	return err
}

func rebindAccountJobs(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share_job SET account = $2 WHERE account = $1`, from, into)
	return err
}

// moveChoices gives a person's preferences to who has none for the target yet.
func moveChoices(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO share_choice (person, target, place, hidden, agreed_at)
		SELECT $2, c.target, c.place, c.hidden, c.agreed_at FROM share_choice c WHERE c.person = $1
		ON CONFLICT (person, target) DO NOTHING`, from, into)
	return err
}

// rebindShares gives the log of a badge to the badge that it was joined with.
func rebindShares(ctx context.Context, tx *db.Tx, from, into int64) error {
	_, err := tx.Exec(ctx, `UPDATE share SET badge = $2 WHERE badge = $1`, from, into)
	return err
}
