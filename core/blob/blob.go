// Package blob keeps bytes under the SHA-256 of their content: received files,
// pictures, thumbnails. The same bytes are kept once.
//
// It owns the table blob and no event. A column of another table that holds a
// hash stands in References, and bytes live as long as one row refers to them.
// badge, account and the demo call it; the bytes are in the database so that
// one file, or one server shared by replicas, is all the data there is.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// MaxBytes is the size of the largest bytes that Put takes.
const MaxBytes = 16 << 20

// Reference is a column that holds the hash of bytes, or "".
type Reference struct {
	Table, Column string

	Where string // how a row is found that keeps the bytes $1 alive; "" by the column alone
}

// References lists every column that keeps bytes alive.
func References() []Reference {
	return []Reference{
		{Table: "badge", Column: "received", Where: "substr(received, 1, 12) = substr($1, 1, 12) AND received = $1 AND NOT inline"},
		{Table: "badge", Column: "thumbnail", Where: "substr(thumbnail, 1, 12) = substr($1, 1, 12) AND thumbnail = $1 AND thumbnail <> ''"},
		{Table: "badge_alias", Column: "received"},
		{Table: "badge_class", Column: "thumbnail"},
		{Table: "badge_import", Column: "received", Where: "received = $1 AND received <> ''"},
		{Table: "badge_record", Column: "received"},
		{Table: "criteria_copy", Column: "blob"},
		{Table: "file", Column: "blob"},
		{Table: "file", Column: "thumbnail"},
		{Table: "person", Column: "picture"},
		{Table: "preference", Column: "picture"},
		{Table: "verification_document", Column: "blob"},
	}
}

// Store keeps bytes. The zero value is ready.
type Store struct{}

// Hash is the name under which data is kept: its SHA-256 in hexadecimal.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Put keeps data and gives its hash. mime is the type that our own code found,
// never one that a stranger wrote; bytes that are there keep the type they came
// with. The row that refers to the hash is written in the same transaction, or
// Drop may take the bytes away.
func (s Store) Put(ctx context.Context, tx *db.Tx, data []byte, mime string) (string, error) {
	hash := Hash(data)
	return hash, s.PutAs(ctx, tx, hash, data, mime)
}

// PutAs is Put for data whose hash is known: one that Hash gave for these bytes,
// before a transaction that holds up all other writers.
func (Store) PutAs(ctx context.Context, tx *db.Tx, hash string, data []byte, mime string) error {
	switch {
	case len(data) > MaxBytes:
		return fmt.Errorf("keep bytes: %d are more than %d", len(data), MaxBytes)
	case mime == "":
		return errors.New("keep bytes: without a type")
	case len(hash) != 2*sha256.Size:
		return errors.New("keep bytes: without their hash")
	}
	if err := insert(ctx, tx, hash, mime, data); err != nil {
		return fmt.Errorf("keep bytes: %w", err)
	}
	return nil
}

// PutShared is PutAs for data that is most often there already, such as the picture of a
// class: then it is not handed to the database.
func (s Store) PutShared(ctx context.Context, tx *db.Tx, hash string, data []byte, mime string) error {
	there, err := touch(ctx, tx, hash)
	if err != nil {
		return fmt.Errorf("look for bytes: %w", err)
	}
	if there {
		return nil
	}
	return s.PutAs(ctx, tx, hash, data, mime)
}

// Get gives the bytes and their type. It returns db.ErrNotFound when there are none.
func (Store) Get(ctx context.Context, d db.DB, hash string) ([]byte, string, error) {
	data, mime, err := read(ctx, d, hash)
	if err != nil {
		return nil, "", fmt.Errorf("read bytes %.12s: %w", hash, err)
	}
	return data, mime, nil
}

// Drop deletes those of the bytes that no row refers to any more, and leaves the
// others. Call it after the rows are gone, in the same transaction.
func (Store) Drop(ctx context.Context, tx *db.Tx, hashes ...string) error {
	for _, h := range hashes {
		if h == "" {
			continue
		}
		if err := remove(ctx, tx, h); err != nil {
			return fmt.Errorf("drop bytes %.12s: %w", h, err)
		}
	}
	return nil
}

// dropStatement deletes one blob unless a column of References holds its hash.
func dropStatement() string {
	var s strings.Builder
	s.WriteString("DELETE FROM blob WHERE hash = $1")
	for _, r := range References() {
		where := r.Where
		if where == "" {
			where = r.Column + " = $1"
		}
		fmt.Fprintf(&s, "\nAND NOT EXISTS (SELECT 1 FROM %s WHERE %s)", r.Table, where)
	}
	return s.String()
}
