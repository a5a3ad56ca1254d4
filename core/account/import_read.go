package account

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// importColumns are those of a CSV file; email has to be there.
var importColumns = []string{"name", "handle", "email", "confirmed", "more_emails", "language", "password", "created"}

// ReadImportCSV reads accounts of another passport, one a row below a row of names:
// name, handle, email, confirmed (yes or no), more_emails (confirmed ones, between
// spaces), language, password (hash) and created (RFC 3339, or seconds since 1970).
// It returns an error for what is no such file; what is wrong with a row is in it.
func ReadImportCSV(in io.Reader) ([]ImportedPerson, error) {
	r := csv.NewReader(in)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read the names of the columns: %w", err)
	}
	for i, name := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if !slices.Contains(importColumns, head[i]) {
			return nil, fmt.Errorf("there is no column %q; the columns are %s", head[i], strings.Join(importColumns, ", "))
		}
	}
	if !slices.Contains(head, "email") {
		return nil, errors.New(`the column "email" is missing`)
	}
	var list []ImportedPerson
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the rows: %w", err)
		}
		row := map[string]string{}
		for i, cell := range cells {
			row[head[i]] = strings.TrimSpace(cell)
		}
		list = append(list, importedRow(row))
	}
}

func importedRow(row map[string]string) ImportedPerson {
	p := ImportedPerson{Name: row["name"], Handle: row["handle"], Language: row["language"], Password: row["password"]}
	confirmed, errConfirmed := yes(row["confirmed"])
	if row["email"] != "" {
		p.Emails = append(p.Emails, ImportedEmail{Address: row["email"], Confirmed: confirmed, Primary: true})
	}
	for address := range strings.FieldsSeq(row["more_emails"]) {
		p.Emails = append(p.Emails, ImportedEmail{Address: address, Confirmed: true})
	}
	var errCreated error
	p.Created, errCreated = importedTime(row["created"])
	p.Wrong = errors.Join(errConfirmed, errCreated)
	return p
}

// ReadImportJSON reads a list of objects with the members name, handle, emails (a list
// of address, confirmed and primary), language, password and created. It returns an
// error for what is no such file; what is wrong with an account is in it.
func ReadImportJSON(in io.Reader) ([]ImportedPerson, error) {
	var list []struct {
		Name     string `json:"name"`
		Handle   string `json:"handle"`
		Language string `json:"language"`
		Password string `json:"password"`
		Created  scalar `json:"created"`
		Emails   []struct {
			Address   string `json:"address"`
			Confirmed scalar `json:"confirmed"`
			Primary   scalar `json:"primary"`
		} `json:"emails"`
	}
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("read the list of accounts: %w", err)
	}
	var people []ImportedPerson
	for _, e := range list {
		p := ImportedPerson{Name: e.Name, Handle: e.Handle, Language: e.Language, Password: e.Password}
		for _, m := range e.Emails {
			confirmed, errConfirmed := yes(string(m.Confirmed))
			primary, errPrimary := yes(string(m.Primary))
			p.Wrong = errors.Join(p.Wrong, errConfirmed, errPrimary)
			p.Emails = append(p.Emails, ImportedEmail{Address: m.Address, Confirmed: confirmed, Primary: primary})
		}
		created, err := importedTime(string(e.Created))
		p.Created, p.Wrong = created, errors.Join(p.Wrong, err)
		people = append(people, p)
	}
	return people, nil
}

// scalar is a text, number or truth, as databases write them.
type scalar string

// UnmarshalJSON implements json.Unmarshaler.
func (s *scalar) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); bytes.Equal(b, []byte("null")) {
		return nil
	}
	if b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	if b[0] == '{' || b[0] == '[' {
		return errors.New("a text, number, true or false is expected")
	}
	*s = scalar(b)
	return nil
}

func yes(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "true", "1":
		return true, nil
	case "", "no", "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", s)
}

// importedTime reads RFC 3339, a date, or seconds since 1970; "" is the zero time.
func importedTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 && n < 1<<33 {
		return time.Unix(n, 0).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write for example 2021-05-04T10:00:00Z", s)
}
