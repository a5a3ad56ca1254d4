package people

import (
	"context"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// stateSQL gives the state of an account. Whoever is removed is closed too, so the
// first that fits counts.
const stateSQL = `CASE WHEN EXISTS (SELECT 1 FROM erasure x WHERE x.person = p.id) OR EXISTS (SELECT 1 FROM removal r WHERE r.person = p.id) THEN 'leaving'
	WHEN p.disabled THEN 'disabled'
	WHEN p.under_age AND NOT EXISTS (SELECT 1 FROM guardian g WHERE g.person = p.id AND g.confirmed_at > 0) THEN 'waiting'
	WHEN EXISTS (SELECT 1 FROM email e WHERE e.person = p.id) AND NOT EXISTS (SELECT 1 FROM email e WHERE e.person = p.id AND e.confirmed_at > 0) THEN 'unconfirmed'
	ELSE 'active' END`

// among narrows to who can be in a state before that is worked out: each by an index
// that holds few.
var among = map[string]string{
	StateLeaving:     `p.id IN (SELECT x.person FROM erasure x WHERE x.person > 0 UNION ALL SELECT r.person FROM removal r WHERE r.due_at > 0)`,
	StateDisabled:    `p.disabled = TRUE`,
	StateWaiting:     `p.under_age = TRUE`,
	StateUnconfirmed: `p.id IN (SELECT e.person FROM email e WHERE e.confirmed_at = 0)`,
}

// byWay are the conditions of ways in.
var byWay = map[string]string{ //nolint:gosec // G101: names of tables, no secret
	wayPassword: `EXISTS (SELECT 1 FROM password w WHERE w.person = p.id)`,
	wayPasskey:  `p.id IN (SELECT w.person FROM passkey w WHERE w.person > 0)`,
	wayMail: `NOT EXISTS (SELECT 1 FROM password w WHERE w.person = p.id) AND NOT EXISTS (SELECT 1 FROM passkey w WHERE w.person = p.id)
		AND NOT EXISTS (SELECT 1 FROM identity w WHERE w.person = p.id)`,
}

// orders are what each order sorts by, and what comes after the mark VALUE, DAY.
var orders = map[string]struct{ by, after string }{
	"":        {`p.id DESC`, `p.id < (SELECT m.id FROM person m WHERE m.public_id = VALUE)`},
	orderName: {`p.search, p.id`, `p.search > (SELECT m.search FROM person m WHERE m.public_id = VALUE)`},
	orderSeen: {`d.day DESC, d.person DESC`, `(d.day, d.person) < (CAST(DAY AS BIGINT), COALESCE((SELECT m.id FROM person m WHERE m.public_id = VALUE), 0))`},
}

const foundTables = ` FROM person p LEFT JOIN person_day d ON d.person = p.id LEFT JOIN explore_place c ON c.person = p.id `

const foundColumns = `p.id, p.public_id, p.handle, p.name, CASE WHEN p.disabled OR p.hidden_at > 0 OR p.profile = 'private' THEN '' ELSE p.picture END,
	p.language, ` + stateSQL + `, p.role, CASE WHEN c.country_for IN ('members', 'public') THEN c.country ELSE '' END,
	COALESCE((SELECT e.address FROM email e WHERE e.person = p.id AND e.is_primary), ''),
	EXISTS (SELECT 1 FROM email e WHERE e.person = p.id AND e.is_primary AND e.confirmed_at > 0), p.created_at, COALESCE(d.day, 0),
	(SELECT count(*) FROM badge b WHERE b.person = p.id AND b.removed_at = 0),
	EXISTS (SELECT 1 FROM password w WHERE w.person = p.id), (SELECT count(*) FROM passkey w WHERE w.person = p.id)`

// condition is a part of a query and its values, in their order.
type condition struct {
	parts []string
	args  []any
}

// add writes a condition in which each ? is the next of the values.
func (c *condition) add(part string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		part = strings.Replace(part, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, part)
}

// where puts a filter into words: what comes after FROM.
func where(f Filter, after string, limit int) (string, []any) {
	var c condition
	words, addresses := f.terms()
	for _, t := range words {
		c.add(`p.id IN (SELECT w.person FROM person_word w WHERE w.word >= ? AND w.word < ?
			UNION SELECT e.person FROM email e WHERE e.address_key >= ? AND e.address_key < ?)`, t, t+last, t, t+last)
	}
	for _, t := range addresses {
		c.add(`p.id IN (SELECT e.person FROM email e WHERE e.address_key >= ? AND e.address_key < ?
			UNION SELECT e.person FROM email e WHERE e.domain >= ? AND e.domain < ?)`, t, t+last, t, t+last)
	}
	if f.State != "" {
		if part := among[f.State]; part != "" {
			c.add(part)
		}
		c.add(stateSQL+` = ?`, f.State)
	}
	if f.Role != "" {
		c.add(`p.role = '` + roleOf(f.Role) + `'`)
	}
	if f.Country != "" {
		c.add(`p.id IN (SELECT l.person FROM explore_place l WHERE l.country = ? AND l.country_for <> 'private')`, f.Country)
	}
	if id, ok := strings.CutPrefix(f.Way, wayProvider); ok {
		c.add(`p.id IN (SELECT w.person FROM identity w WHERE w.provider = ?)`, id)
	} else if f.Way != "" {
		c.add(byWay[f.Way])
	}
	order := orders[f.Order]
	if after != "" {
		day, mark := cut(f.Order, after)
		part := strings.Replace(order.after, "VALUE", "?", 1)
		if f.Order == orderSeen {
			c.add(strings.Replace(part, "DAY", "?", 1), day, mark)
		} else {
			c.add(part, mark)
		}
	}
	if f.Order == orderSeen {
		c.add(`d.day >= 0`) // everybody's is: the list is read in the order of the days
	}
	text := ``
	if len(c.parts) > 0 {
		text = `WHERE ` + strings.Join(c.parts, ` AND `)
	}
	c.parts = nil
	c.add(`LIMIT ?`, limit)
	return text + ` ORDER BY ` + order.by + ` ` + c.parts[0], c.args
}

// last is above every character that a word has after its beginning.
const last = "\U0010FFFF"

// cut takes a mark apart; one that is no mark is the beginning of nothing.
func cut(order, after string) (day int64, mark string) {
	if order != orderSeen {
		return 0, after
	}
	text, mark, whole := strings.Cut(after, ".")
	day, err := strconv.ParseInt(text, 36, 64)
	if err != nil || !whole {
		return 0, ""
	}
	return day, mark
}

// find lists people with what is shown of each.
func find(ctx context.Context, d db.DB, f Filter, after string, limit int) ([]Found, error) {
	rest, args := where(f, after, limit)
	list, err := db.Select(ctx, d, scanFound, `SELECT `+foundColumns+foundTables+rest, args...)
	if err != nil {
		return nil, err
	}
	return list, addProviders(ctx, d, list)
}

func scanFound(s db.Scanner) (Found, error) {
	var f Found
	var joined, day int64
	err := s.Scan(&f.ID, &f.PublicID, &f.Handle, &f.Name, &f.Picture, &f.Language, &f.State, &f.Role, &f.Country,
		&f.Address, &f.Confirmed, &joined, &day, &f.Badges, &f.Password, &f.Passkeys)
	f.Joined, f.Seen = db.Time(joined), db.Time(day)
	return f, err
}

// addProviders adds at which providers each person signs in.
func addProviders(ctx context.Context, d db.DB, list []Found) error {
	for i := range list {
		ids, err := db.Select(ctx, d, db.One[string], `SELECT DISTINCT provider FROM identity WHERE person = $1 ORDER BY provider`, list[i].ID)
		if err != nil {
			return err
		}
		list[i].Providers = ids
	}
	return nil
}

// found gives one person.
func found(ctx context.Context, d db.DB, publicID string) (Found, error) {
	f, err := scanFound(d.QueryRow(ctx, `SELECT `+foundColumns+foundTables+`WHERE p.public_id = $1`, publicID))
	if err != nil {
		return f, err
	}
	one := []Found{f}
	err = addProviders(ctx, d, one)
	return one[0], err
}

// countriesOf gives the countries that people live in.
func countriesOf(ctx context.Context, d db.DB) ([]string, error) {
	return db.Select(ctx, d, db.One[string], `WITH RECURSIVE c(country) AS (
			SELECT min(country) FROM explore_place WHERE country > ''
			UNION ALL
			SELECT (SELECT min(l.country) FROM explore_place l WHERE l.country > c.country) FROM c WHERE c.country IS NOT NULL
		) SELECT country FROM c WHERE country IS NOT NULL`)
}
