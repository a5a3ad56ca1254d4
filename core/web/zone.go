package web

import (
	"reflect"
	"sync"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// InZone is the data of a page or mail with all its times in a zone of the IANA database. It comes
// with times in UTC, and templates show times as they come.
func InZone(page any, zone string) any {
	if page == nil || zone == "" {
		return page
	}
	if !holdsTime(reflect.TypeOf(page)) {
		return page
	}
	return moved(reflect.ValueOf(page), place(zone)).Interface()
}

// place is a zone of the IANA database, UTC for one that is not known.
func place(zone string) *time.Location {
	at, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return at
}

// moved is a copy of v with its times at another place; what the original shares
// with others is left alone. Times of a whole day, such as the day of issue at
// midnight UTC, are dates and stay.
func moved(v reflect.Value, at *time.Location) reflect.Value {
	if !holdsTime(v.Type()) {
		return v
	}
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch {
	case v.Type() == timeType:
		if t, ok := reflect.TypeAssert[time.Time](v); ok && !t.IsZero() && !isDate(t) {
			out.Set(reflect.ValueOf(t.In(at)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && holdsTime(v.Field(i).Type()) {
				out.Field(i).Set(moved(v.Field(i), at))
			}
		}
	case v.Kind() == reflect.Slice && !v.IsNil():
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(moved(v.Index(i), at))
		}
	}
	return out
}

func isDate(t time.Time) bool { return t.UTC().Truncate(24 * time.Hour).Equal(t) }

var timeTypes sync.Map // reflect.Type to whether values of it hold times

// holdsTime reports whether values of a type hold times in their exported fields.
// Pages hold no pointers and no maps with times.
func holdsTime(t reflect.Type) bool {
	if known, ok := timeTypes.Load(t); ok {
		return known == true
	}
	holds := false
	switch {
	case t == timeType:
		holds = true
	case t.Kind() == reflect.Slice:
		holds = holdsTime(t.Elem())
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			holds = holds || f.IsExported() && holdsTime(f.Type)
		}
	}
	timeTypes.Store(t, holds)
	return holds
}
