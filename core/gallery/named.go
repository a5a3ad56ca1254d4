package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

// Orders by words: of what is found, and of badge classes by their issuers.
const (
	byName   = "name"
	byIssuer = "issuer"
)

// ordersByWords are those that each kind can have.
var ordersByWords = map[string][]string{kindClass: {byName, byIssuer}, kindPerson: {byName}, kindIssuer: {byName}, kindPage: {byName}}

// wordColumns are the columns of these orders.
var wordColumns = map[string]string{byName: "name", byIssuer: "maker"}

// named is the words that a document is put in order by: its name, and of a badge class
// its issuer's with it.
type named struct {
	id          int64
	maker, name string
}

func (n named) by(sort string) string {
	if sort == byIssuer {
		return n.maker
	}
	return n.name
}

// findByWords gives a page in an order by words.
func findByWords(ctx context.Context, d db.DB, f finding, size int) ([]int64, string, error) {
	f.order = wordColumns[f.sort]
	var after named
	if f.after != fromStart {
		var err error
		if after, err = nameOf(ctx, d, f, f.after.id); err != nil {
			return nil, "", err
		}
	}
	ids, err := listByWords(ctx, d, f, after, size+1)
	if len(ids) <= size {
		return ids, "", err
	}
	return ids[:size], cursor{0, ids[size-1]}.String(), err
}
