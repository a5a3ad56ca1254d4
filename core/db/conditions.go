package db

import "sync"

// Conditions keeps pieces of SQL that the program puts together from its own words, so
// that each is put together once and not for every statement. Values are never part of
// them. The zero value is ready.
type Conditions struct{ texts sync.Map }

// condition names a piece: what it asks for, of which alias or column, and by which
// parameter.
type condition struct {
	kind, of  string
	parameter int
}

// Of gives the piece of a kind, written by write when it is asked for the first time.
func (c *Conditions) Of(kind, of string, parameter int, write func() string) string {
	key := condition{kind, of, parameter}
	if text, ok := c.texts.Load(key); ok {
		return text.(string) //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	text := write()
	c.texts.Store(key, text)
	return text
}
