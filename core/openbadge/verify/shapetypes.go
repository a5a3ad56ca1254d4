package verify

import (
	"strconv"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// checkPlain checks the properties whose values are of one plain kind (OB3 §B "Data Model").
// Numbers in quotes are numbers, as some issuers write them.
func checkPlain(path, property string, v strictjson.Value) *finding {
	if !v.Present() {
		return nil
	}
	ok := true
	switch property {
	case "hashed", "partial":
		ok = v.Kind() == strictjson.True || v.Kind() == strictjson.False
	case "creditsEarned", "creditsAvailable":
		_, err := strconv.ParseFloat(v.Digits()+v.Text(), 64)
		ok = err == nil
	case "identityType", "identifierType", "resultType":
		ok = v.Text() != ""
	case "activityStartDate", "activityEndDate":
		return checkMoment(path, v)
	}
	if !ok {
		return wrong("bad-type", path)
	}
	return nil
}

// checkMoment wants a date with its zone (OB3 "DateTimeZ").
func checkMoment(path string, v strictjson.Value) *finding {
	_, zoned, ok := openbadge.TimeOf(v)
	switch {
	case !ok || !v.IsText():
		return wrong("bad-date", path)
	case !zoned:
		return wrong("date-zone", path)
	}
	return nil
}
