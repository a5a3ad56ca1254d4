package badge

import "context"

// Wait is something that waits for the person outside this feature, such as a
// request. Its words are the message shelf.waits.<Kind> with N.
type Wait struct {
	Kind string // asked, decide or follow
	N    int
	URL  string // local: where they answer
}

// Waits gives what waits for a person; what does not is left out. Features that
// have such things answer.
type Waits func(ctx context.Context, person int64) ([]Wait, error)

// AddWaits adds one who knows what waits for people. It is called before the site
// serves.
func (s *Badges) AddWaits(f Waits) { s.waits = append(s.waits, f) }

// WaitsFor gives what waits for a person in all features.
func (s *Badges) WaitsFor(ctx context.Context, person int64) ([]Wait, error) {
	var all []Wait
	for _, f := range s.waits {
		list, err := f(ctx, person)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			if w.N > 0 {
				all = append(all, w)
			}
		}
	}
	return all, nil
}
