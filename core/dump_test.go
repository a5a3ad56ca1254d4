package core

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/pack"
)

// tables lists the tables of the schema.
func (p *passport) tables() []string {
	p.t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if p.base.Engine() == db.Postgres {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`
	}
	return p.texts(query)
}

// rows gives each row of a table as text: "column=value" parts, bytes as they are.
func (p *passport) rows(table string) []string {
	p.t.Helper()
	rows, err := p.base.Read().Query(p.t.Context(), `SELECT * FROM `+table)
	if err != nil {
		p.t.Fatalf("%s: %v", table, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		p.t.Fatal(err)
	}
	var list []string
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			p.t.Fatalf("%s: %v", table, err)
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok && pack.IsPacked(b) {
				if text, err := pack.Untext(b); err == nil {
					values[i] = text
				}
			}
		}
		list = append(list, asText(columns, values))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatalf("%s: %v", table, err)
	}
	slices.Sort(list)
	return list
}

func asText(columns []string, values []any) string {
	var s strings.Builder
	for i, v := range values {
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		fmt.Fprintf(&s, "%s=%v ", columns[i], v)
	}
	return s.String()
}

// dump is everything that is stored, but what counts and dates requests, and the jobs of
// periods, which come by themselves.
func (p *passport) dump(without ...string) map[string][]string {
	p.t.Helper()
	all := map[string][]string{}
	for _, table := range p.tables() {
		if !derived(table) && !slices.Contains(append(without, "rate", "job_period"), table) {
			all[table] = p.rows(table)
		}
	}
	all["job"] = slices.DeleteFunc(all["job"], func(row string) bool { return strings.Contains(row, " kind=every/") })
	return all
}

// derived reports whether a table of core/gallery is made from the others, a moment
// later than they change.
func derived(table string) bool {
	return strings.HasPrefix(table, "search_") || table == "facet" || table == "facet_doc"
}

// changes names the rows that differ between two dumps.
func changes(before, after map[string][]string) []string {
	var list []string
	for table, rows := range after {
		for _, r := range rows {
			if !slices.Contains(before[table], r) {
				list = append(list, fmt.Sprintf("+%s: %.300q", table, r))
			}
		}
	}
	for table, rows := range before {
		for _, r := range rows {
			if !slices.Contains(after[table], r) {
				list = append(list, fmt.Sprintf("-%s: %.300q", table, r))
			}
		}
	}
	return list
}

// disguises are the ways in which a word can stand in stored bytes.
func disguises(word string) []string {
	list := []string{word, strings.ToUpper(word), hex.EncodeToString([]byte(word)), strings.ToUpper(hex.EncodeToString([]byte(word)))}
	var wide strings.Builder
	for _, c := range []byte(word) {
		wide.WriteByte(c)
		wide.WriteByte(0)
	}
	list = append(list, wide.String())
	for shift := range 3 { // base64 groups three bytes: what is before decides how
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), word...))
		list = append(list, text[4:len(text)-3])
	}
	return list
}
