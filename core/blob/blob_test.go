package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

var store blob.Store

func tx(t *testing.T, b *db.Base, f func(tx *db.Tx) error) {
	t.Helper()
	if err := b.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, b *db.Base, data, mime string) string {
	t.Helper()
	var hash string
	tx(t, b, func(tx *db.Tx) (err error) {
		hash, err = store.Put(t.Context(), tx, []byte(data), mime)
		return err
	})
	return hash
}

func drop(t *testing.T, b *db.Base, hashes ...string) {
	t.Helper()
	tx(t, b, func(tx *db.Tx) error { return store.Drop(t.Context(), tx, hashes...) })
}

func there(t *testing.T, b *db.Base, hash string) bool {
	t.Helper()
	_, _, err := store.Get(t.Context(), b.Read(), hash)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func addPerson(ctx context.Context, tx *db.Tx, picture string) error {
	id := tx.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO person (id, public_id, handle, name, picture, created_at) VALUES ($1, $2, $3, '', $4, 1)`,
		id, fmt.Sprint("p", id), fmt.Sprint("h", id), picture)
	return err
}

func TestPutGetDrop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		hash := put(t, b, "picture\x00bytes", "image/png")
		if again := put(t, b, "picture\x00bytes", "text/html"); again != hash || hash != blob.Hash([]byte("picture\x00bytes")) {
			t.Errorf("hashes %s and %s", hash, again)
		}
		data, mime, err := store.Get(t.Context(), b.Read(), hash)
		if err != nil || !bytes.Equal(data, []byte("picture\x00bytes")) || mime != "image/png" {
			t.Errorf("%q, %q, %v", data, mime, err)
		}
		tx(t, b, func(tx *db.Tx) error { return addPerson(t.Context(), tx, hash) })
		drop(t, b, "", hash)
		if !there(t, b, hash) {
			t.Fatal("bytes were dropped although a row refers to them")
		}
		tx(t, b, func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `DELETE FROM person`); err != nil {
				return err
			}
			return store.Drop(t.Context(), tx, hash, hash)
		})
		if there(t, b, hash) {
			t.Error("bytes stay although nothing refers to them")
		}
	})
}

// TestWhatIsSharedIsKeptOnce: bytes that are there are left, those that are not are kept.
func TestWhatIsSharedIsKeptOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		hash := blob.Hash([]byte("art"))
		for _, data := range []string{"art", "not read a second time"} {
			tx(t, b, func(tx *db.Tx) error { return store.PutShared(t.Context(), tx, hash, []byte(data), "image/png") })
		}
		data, mime, err := store.Get(t.Context(), b.Read(), hash)
		if err != nil || string(data) != "art" || mime != "image/png" {
			t.Errorf("%q, %q, %v", data, mime, err)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	b := dbtest.SQLite(t)
	for name, f := range map[string]func(tx *db.Tx) error{
		"no type": func(tx *db.Tx) error { _, err := store.Put(t.Context(), tx, []byte("x"), ""); return err },
		"too much": func(tx *db.Tx) error {
			_, err := store.Put(t.Context(), tx, make([]byte, blob.MaxBytes+1), "image/png")
			return err
		},
	} {
		if err := b.Tx(t.Context(), f); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestReferencesAreComplete holds the list against the columns of the schema
// whose names say that they hold a hash of bytes.
func TestReferencesAreComplete(t *testing.T) {
	b := dbtest.SQLite(t)
	type column = blob.Reference
	columns, err := db.Select(t.Context(), b.Read(), func(s db.Scanner) (column, error) {
		var c column
		err := s.Scan(&c.Table, &c.Column)
		return c, err
	}, `SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	var listed []column
	for _, r := range blob.References() {
		if listed = append(listed, column{Table: r.Table, Column: r.Column}); !slices.Contains(columns, listed[len(listed)-1]) {
			t.Errorf("%v is no column", r)
		}
	}
	for _, c := range columns {
		if slices.Contains([]string{"image", "thumbnail", "picture", "received", "blob", "avatar", "cover"}, c.Column) && !slices.Contains(listed, c) {
			t.Errorf("%v is not in References", c)
		}
	}
}

// TestPutAndDropAtOnce lets people take and give back the same picture. Whoever
// refers to bytes must find them.
func TestPutAndDropAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		data := []byte("shared")
		hash := blob.Hash(data)
		var wg sync.WaitGroup
		for w := range 6 {
			wg.Go(func() {
				for range 15 {
					err := b.Tx(t.Context(), func(tx *db.Tx) error {
						if w%2 == 0 {
							if _, err := tx.Exec(t.Context(), `DELETE FROM person`); err != nil {
								return err
							}
							return store.Drop(t.Context(), tx, hash)
						}
						if _, err := store.Put(t.Context(), tx, data, "image/png"); err != nil {
							return err
						}
						return addPerson(t.Context(), tx, hash)
					})
					if err != nil {
						t.Error(err)
						return
					}
					var dangling int
					row := b.Read().QueryRow(t.Context(), `SELECT count(*) FROM person WHERE NOT EXISTS (SELECT 1 FROM blob WHERE hash = person.picture)`)
					if err := row.Scan(&dangling); err != nil || dangling > 0 {
						t.Errorf("%d rows refer to bytes that are gone, %v", dangling, err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}
