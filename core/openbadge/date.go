package openbadge

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// zoned and local are the spellings of ISO 8601 that badges use, with and without a zone.
func zonedLayouts() []string {
	return []string{
		time.RFC3339Nano,
		"2006-01-02T15:04Z07:00",
		"2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02T15:04:05.999999999Z07",
	}
}

func localLayouts() []string {
	return []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly}
}

// ParseTime reads a date as badges spell it: ISO 8601 with or without zone, a date alone,
// or Unix seconds (OB 1.0 allows both). Without a zone it is taken as UTC and zoned is
// false, which OB2 §B.1 "DateTime" and OB3 "DateTimeZ" do not allow.
func ParseTime(v any) (t time.Time, zoned, ok bool) {
	switch v := v.(type) {
	case json.Number:
		return parseSeconds(string(v))
	case string:
		return parseText(v)
	}
	return time.Time{}, false, false
}

// TimeOf is ParseTime of a value.
func TimeOf(v strictjson.Value) (t time.Time, zoned, ok bool) {
	switch v.Kind() {
	case strictjson.Number:
		return parseSeconds(v.Digits())
	case strictjson.String:
		return parseText(v.Text())
	}
	return time.Time{}, false, false
}

func parseSeconds(digits string) (t time.Time, zoned, ok bool) {
	sec, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || sec < 0 || sec > 253402300799 {
		return time.Time{}, false, false
	}
	return time.Unix(sec, 0).UTC(), false, true
}

func parseText(s string) (t time.Time, zoned, ok bool) {
	if strings.Contains(s, ",") || len(s) > 40 {
		return time.Time{}, false, false
	}
	for _, l := range zonedLayouts() {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), true, true
		}
	}
	for _, l := range localLayouts() {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), false, true
		}
	}
	return time.Time{}, false, false
}

func (n node) time() time.Time {
	one := n.one()
	if one.absent() {
		return time.Time{}
	}
	t, _, ok := TimeOf(one.v)
	if !ok {
		n.r.fail("bad-date", n.path)
	}
	return t
}
