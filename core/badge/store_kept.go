package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func listKept(ctx context.Context, d db.DB, badge int64) ([]Kept, error) {
	return db.Select(ctx, d, func(s db.Scanner) (Kept, error) {
		var k Kept
		var first, last int64
		err := s.Scan(&k.URL, &k.SHA256, &k.Role, &first, &last)
		k.First, k.Last = db.Time(first), db.Time(last)
		return k, err
	}, `SELECT d.url, d.sha256, d.role, min(v.at), max(v.at) FROM verification v JOIN verification_document d ON d.verification = v.id
		WHERE v.badge = $1 AND d.blob <> '' GROUP BY d.url, d.sha256, d.role ORDER BY max(v.at) DESC, d.role, d.url LIMIT 100`, badge)
}

func getKept(ctx context.Context, d db.DB, badge int64, sha256 string) (blob, role string, err error) {
	err = d.QueryRow(ctx, `SELECT d.blob, d.role FROM verification v JOIN verification_document d ON d.verification = v.id
		WHERE v.badge = $1 AND d.sha256 = $2 AND d.blob <> '' ORDER BY v.id DESC, d.number LIMIT 1`, badge, sha256).Scan(&blob, &role)
	return blob, role, err
}
