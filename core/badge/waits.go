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

// Marks are what is told beside a badge in its holder's own list.
type Marks struct {
	Comments    int // of others and of the holder
	NewComments int // that the holder has not seen
	Decide      int // endorsements that wait for the holder's answer
}

// MarkedMost is how many badges a Marking is asked about at once: a page of them.
const MarkedMost = pageSize

// MarkedSQL is the list of their ids in a statement whose first parameter is the person,
// and MarkedArgs its arguments.
const MarkedSQL = `($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`

// MarkedArgs are the arguments of a statement with MarkedSQL: the person and the ids,
// padded by one that no badge has: rows of no badge bear 0.
func MarkedArgs(person int64, badges []int64) []any {
	args := make([]any, 1, 1+MarkedMost)
	args[0] = person
	for i := range MarkedMost {
		id := int64(-1)
		if i < len(badges) {
			id = badges[i]
		}
		args = append(args, id)
	}
	return args
}

// Marking gives what a feature tells beside badges of one person, at most MarkedMost, by
// their ids; a badge of which there is nothing to tell is left out.
type Marking func(ctx context.Context, person int64, badges []int64) (map[int64]Marks, error)

// AddMarking adds one who tells something beside badges. It is called before the site
// serves.
func (s *Badges) AddMarking(f Marking) { s.marking = append(s.marking, f) }

// marksOf gives what all features tell beside badges.
func (s *Badges) marksOf(ctx context.Context, person int64, list []Shelved) (map[int64]Marks, error) {
	ids := make([]int64, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	all := make(map[int64]Marks, len(ids))
	for _, f := range s.marking {
		some, err := f(ctx, person, ids)
		if err != nil {
			return nil, err
		}
		for id, m := range some {
			sum := all[id]
			all[id] = Marks{sum.Comments + m.Comments, sum.NewComments + m.NewComments, sum.Decide + m.Decide}
		}
	}
	return all, nil
}
