package db

// last is what a transaction does at its end.
type last struct {
	key string
	f   func() error
}

// Last has f run once at the end of the transaction, behind the function that it was
// given: what many statements of it would bring about again and again, such as a counter
// of rows that are counted anew. Of those with one key the first runs. An error of f is
// the transaction's.
func (t *Tx) Last(key string, f func() error) {
	if !t.keys[key] {
		if t.keys == nil {
			t.keys = map[string]bool{}
		}
		t.keys[key] = true
		t.last = append(t.last, last{key, f})
	}
}

// do runs the function of the transaction, and what it left for its end. That may leave
// more.
func (t *Tx) do(f func(*Tx) error) error {
	if err := f(t); err != nil {
		return err
	}
	for len(t.last) > 0 {
		l := t.last[0]
		t.last = t.last[1:]
		delete(t.keys, l.key)
		if err := l.f(); err != nil {
			return err
		}
	}
	return nil
}
