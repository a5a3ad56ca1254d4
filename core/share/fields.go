package share

import (
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/share/host"
	"github.com/osier-passport/osier/plugins/sdk"
)

// What can be wrong with a field, as message keys "share.field." + these.
const (
	fieldMissing = "missing"
	fieldLong    = "long"
	fieldURL     = "url"
	fieldEmail   = "email"
	fieldNumber  = "number"
	fieldChoice  = "choice"
)

// checkFields holds typed values against the fields of a form. It gives the values
// of known fields, trimmed, and what is wrong: the Text of such an error is a
// message key.
func checkFields(fields []sdk.Field, values map[string]string) (map[string]string, []host.FieldError) {
	clean := map[string]string{}
	var wrong []host.FieldError
	for _, f := range fields {
		v := strings.TrimSpace(values[f.Key])
		if f.Type != sdk.FieldLongText {
			v = strings.Map(dropControls, v)
		}
		if v == "" {
			v = f.Fallback
		}
		if why := checkField(f, v); why != "" {
			wrong = append(wrong, host.FieldError{Key: f.Key, Text: "share.field." + why})
			continue
		}
		if v != "" {
			clean[f.Key] = v
		}
	}
	return clean, wrong
}

func dropControls(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// checkField tells what is wrong with one value, "" for nothing.
func checkField(f sdk.Field, v string) string {
	if v == "" {
		if f.Required {
			return fieldMissing
		}
		return ""
	}
	if f.Type != sdk.FieldNumber && f.Max > 0 && len([]rune(v)) > f.Max {
		return fieldLong
	}
	switch f.Type {
	case sdk.FieldURL:
		if !isAddress(v) {
			return fieldURL
		}
	case sdk.FieldEmail:
		if _, err := addressesOf(v); err != nil {
			return fieldEmail
		}
	case sdk.FieldNumber:
		if n, err := strconv.Atoi(v); err != nil || n < 0 || f.Max > 0 && n > f.Max {
			return fieldNumber
		}
	case sdk.FieldChoice:
		if !slices.Contains(f.Choices, v) {
			return fieldChoice
		}
	case sdk.FieldSwitch:
		if v != "true" {
			return fieldChoice
		}
	default:
	}
	return ""
}

// isAddress takes https, and http on the developer's own machine.
func isAddress(v string) bool {
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// addressesOf reads mail addresses, separated by commas.
func addressesOf(v string) ([]string, error) {
	list, err := mail.ParseAddressList(v)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, a := range list {
		if !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return out, nil
}
