package core

import (
	"testing"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestAReplicaErasesWhatABackupBringsBack: an account is removed on one replica,
// and another, which runs on, erases it again when a backup brings it back.
func TestAReplicaErasesWhatABackupBringsBack(t *testing.T) {
	url := dbtest.PostgresURL(t)
	on := func(c *config.Config) { c.Database = url }
	one, two := startPassport(t, options{}, on), startPassport(t, options{}, on)
	ada := one.member("ada")
	if err := one.remove(ada.person.ID); err != nil {
		t.Fatal(err)
	}
	if err := two.data.Reconcile(t.Context()); err != nil { // as it does by the hour
		t.Fatal(err)
	}
	one.write(`DELETE FROM tombstone`)
	one.write(`INSERT INTO person (id, public_id, handle, name, created_at) VALUES ($1, $2, 'ada', 'Ada', 1)`, ada.person.ID, ada.person.PublicID)
	two.visitor().get("/@ada").is(t, 200)
	if err := two.data.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	two.visitor().get("/@ada").is(t, 404, 410)
	one.visitor().get("/@ada").is(t, 404, 410)
	one.until(t, `SELECT count(*) FROM person`, 0) // by whichever replica takes the job
}
