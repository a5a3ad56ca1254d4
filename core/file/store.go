package file

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

// fileColumns give the tags as one JSON list, in their order, on both engines.
const fileColumns = `f.id, f.public_id, f.person, f.name, f.type, f.size, f.blob, f.thumbnail, f.width, f.height, f.created_at, f.tags`

func scanFile(s db.Scanner) (File, error) {
	var f File
	var created int64
	var tags string
	err := s.Scan(&f.ID, &f.PublicID, &f.Person, &f.Name, &f.Type, &f.Size, &f.Blob, &f.Thumbnail, &f.Width, &f.Height, &created, &tags)
	if err != nil {
		return File{}, err
	}
	f.CreatedAt = db.Time(created)
	return f, json.Unmarshal([]byte(tags), &f.Tags)
}

func getFile(ctx context.Context, d db.DB, publicID string) (File, error) {
	f, err := scanFile(d.QueryRow(ctx, `SELECT `+fileColumns+` FROM file f WHERE f.public_id = $1`, publicID))
	if errors.Is(err, db.ErrNotFound) {
		return File{}, errNotFound()
	}
	return f, err
}

func byID(ctx context.Context, d db.DB, id int64) (File, error) {
	return scanFile(d.QueryRow(ctx, `SELECT `+fileColumns+` FROM file f WHERE f.id = $1`, id))
}

func listMine(ctx context.Context, d db.DB, person int64, q Query) ([]File, error) {
	return db.Select(ctx, d, scanFile, `SELECT `+fileColumns+` FROM file f WHERE f.person = $1
		AND (CAST($2 AS BIGINT) = 0 OR f.id < $2) AND ($3 = '' OR f.search LIKE $4 ESCAPE '\')
		AND ($5 = '' OR EXISTS (SELECT 1 FROM file_tag t WHERE t.file = f.id AND t.folded = $5))
		AND (NOT CAST($6 AS BOOLEAN) OR f.thumbnail <> '') ORDER BY f.id DESC LIMIT $7`,
		person, q.Before, db.Fold(q.Text), db.Contains(db.Fold(q.Text)), q.Tag, q.Images, q.Limit)
}

// findSame gives a file of the person's with the same bytes.
func findSame(ctx context.Context, d db.DB, person int64, hash string) (File, error) {
	return scanFile(d.QueryRow(ctx, `SELECT `+fileColumns+` FROM file f WHERE f.blob = $2 AND f.person = $1 LIMIT 1`, person, hash))
}

// Brought gives the public id of a file of the person's own by the SHA-256 of its
// bytes: by that it is found again where its archive is brought back. It returns
// db.ErrNotFound where it did not come back.
func Brought(ctx context.Context, d db.DB, person int64, hash string) (string, error) {
	f, err := findSame(ctx, d, person, hash)
	return f.PublicID, err
}

func usage(ctx context.Context, d db.DB, person int64) (Usage, error) {
	var u Usage
	err := d.QueryRow(ctx, `SELECT count(*), COALESCE(CAST(sum(size) AS BIGINT), 0) FROM file WHERE person = $1`, person).Scan(&u.Files, &u.Used)
	return u, err
}

func insertFile(ctx context.Context, tx *db.Tx, f File, search string) error {
	tags, err := json.Marshal(append([]string{}, f.Tags...))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO file (id, public_id, person, name, type, size, blob, thumbnail, width, height, search, tags, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		f.ID, f.PublicID, f.Person, f.Name, f.Type, f.Size, f.Blob, f.Thumbnail, f.Width, f.Height, search, string(tags), db.Micros(f.CreatedAt))
	if err != nil {
		return err
	}
	return insertTags(ctx, tx, f)
}

func updateFile(ctx context.Context, tx *db.Tx, f File, search string) error {
	tags, err := json.Marshal(append([]string{}, f.Tags...))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE file SET name = $2, search = $3, tags = $4 WHERE id = $1`, f.ID, f.Name, search, string(tags)); err != nil {
		return err
	}
	if err := deleteTags(ctx, tx, f.ID); err != nil {
		return err
	}
	return insertTags(ctx, tx, f)
}

func insertTags(ctx context.Context, tx *db.Tx, f File) error {
	for _, t := range f.Tags {
		if _, err := tx.Exec(ctx, `INSERT INTO file_tag (file, folded, tag) VALUES ($1, $2, $3)`, f.ID, db.Fold(t), t); err != nil {
			return err
		}
	}
	return nil
}

func deleteTags(ctx context.Context, tx *db.Tx, file int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM file_tag WHERE file = $1`, file)
	return err
}

func deleteFile(ctx context.Context, tx *db.Tx, file int64) error {
	if err := deleteTags(ctx, tx, file); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM file WHERE id = $1`, file)
	return err
}

// Tag is a tag of a person's files.
type Tag struct {
	Name, Folded string
	Files        int
}

func listTags(ctx context.Context, d db.DB, person int64) ([]Tag, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Tag, error) {
		var t Tag
		return t, s.Scan(&t.Folded, &t.Name, &t.Files)
	}, `SELECT t.folded, min(t.tag), count(*) FROM file f JOIN file_tag t ON t.file = f.id WHERE f.person = $1 GROUP BY t.folded ORDER BY t.folded LIMIT 200`, person)
}
