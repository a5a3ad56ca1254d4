// Package gen makes a data folder of a community of any size, the same for the
// same seed: people, badge classes, badges, follows with a few very popular
// sources, comments, and the events that all of them wrote.
//
// Scale 1 is 100,000 people, 20,000 classes, 1,000,000 badges, some 3.1 million
// follows and 5 million events. It writes the tables in bulk, past the services,
// in the shape that they leave behind; a test holds the counters against the rows. It owns nothing; package pairs and cmd/gen call it.
package gen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/gallery"
)

// Options say what to make.
type Options struct {
	Dir   string // the data folder; must be absent or empty
	Scale float64
	Seed  uint64
	Now   time.Time // of the newest event
}

// Kinds of readers.
const (
	Busy   = "busy"   // follows exactly 200 sources, popular ones among them
	Random = "random" // follows some 30
	Sparse = "sparse" // follows one quiet person
)

// Reader is a person who reads their feed, with the token of a session.
type Reader struct {
	Kind   string `json:"kind"`
	Person int64  `json:"person"`
	Handle string `json:"handle"`
	Token  string `json:"token"`
}

// Manifest says what is in a generated folder.
type Manifest struct {
	Scale    float64   `json:"scale"`
	Made     time.Time `json:"made"`
	People   int       `json:"people"`
	Classes  int       `json:"classes"`
	Badges   int       `json:"badges"`
	Follows  int       `json:"follows"`
	Comments int       `json:"comments"`
	Events   int       `json:"events"`
	Readers  []Reader  `json:"readers"`
	Public   []string  `json:"public"`   // public ids of some public badges
	Talked   []string  `json:"talked"`   // public ids of classes with 20 comments or more
	Profiles []string  `json:"profiles"` // handles of people who hold 50 badges
}

const manifestName = "bench.json"

// Sizes at scale 1.
const (
	people  = 100_000
	classes = 20_000
	issuers = 1_000
	events  = 5_000_000
)

// Of reads the manifest of a generated folder.
func Of(dir string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// Database is the file of a generated folder.
func Database(dir string) string { return filepath.Join(dir, "passport.db") }

// Generate makes a folder.
func Generate(ctx context.Context, o Options) (Manifest, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return Manifest{}, err
	}
	b, err := db.Open(ctx, db.Options{URL: Database(o.Dir)})
	if err != nil {
		return Manifest{}, fmt.Errorf("make the schema: %w", err)
	}
	if err := b.Close(); err != nil {
		return Manifest{}, err
	}
	w := newWorld(o)
	f, err := openFile(ctx, Database(o.Dir))
	if err != nil {
		return Manifest{}, err
	}
	if err := errors.Join(w.write(ctx, f), f.close()); err != nil {
		return Manifest{}, fmt.Errorf("fill the database: %w", err)
	}
	if err := index(ctx, Database(o.Dir)); err != nil {
		return Manifest{}, fmt.Errorf("index the community: %w", err)
	}
	text, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return Manifest{}, err
	}
	return w.manifest, os.WriteFile(filepath.Join(o.Dir, manifestName), text, 0o600)
}

// index fills the search index as the passport does.
func index(ctx context.Context, url string) error {
	b, err := db.Open(ctx, db.Options{URL: url})
	if err != nil {
		return err
	}
	x := gallery.NewIndex(b, nil)
	err = x.Rebuild(ctx)
	if err == nil {
		err = x.Settle(ctx)
	}
	return errors.Join(err, b.Close())
}

// world is the community before it is written.
type world struct {
	o        Options
	rand     *rand.Rand
	manifest Manifest

	people, classes, issuers int
	popularity               weights // of sources: people, then classes; who is followed much also does much
	classPopularity          weights
	follows                  []follow
	badges                   []held
	events                   []happened
	sources                  []source // by id-1
	density                  []int64  // events of what a person follows
	followed                 []int32  // how many sources a person follows
	holders                  []int32  // of a class, public
	talk                     []int32  // comments on a class
}

type (
	follow struct{ who, src int32 }
	held   struct {
		person, class int32
		visibility    uint8 // 0 public, 1 members, 2 private
	}
	source struct {
		followers, events int32
		last              int64
	}
	// happened is one event. what is an index of badges, of follows, or nothing.
	happened struct {
		verb  verb
		actor int32
		class int32 // 0: none
		what  int32
	}
	verb uint8
)

const (
	published verb = iota
	followed
	commented
)

var (
	verbNames   = [...]string{"published", "followed", "commented"}
	visibleness = [...]string{"public", "members", "private"}
)

func newWorld(o Options) *world {
	w := &world{o: o, rand: rand.New(rand.NewPCG(o.Seed, 7))}
	w.people = max(200, int(people*o.Scale))
	w.classes = max(40, int(classes*o.Scale))
	w.issuers = max(5, int(issuers*o.Scale))
	w.popularity = zipf(w.rand, w.people+w.classes)
	w.classPopularity = w.popularity.part(w.people, w.people+w.classes)
	w.manifest = Manifest{Scale: o.Scale, Made: o.Now, People: w.people, Classes: w.classes}
	w.sources = make([]source, w.people+w.classes)
	w.density, w.followed = make([]int64, w.people), make([]int32, w.people)
	w.holders, w.talk = make([]int32, w.classes), make([]int32, w.classes)
	w.award()
	w.connect()
	w.happen()
	w.count()
	return w
}

func (w *world) few() int { return max(25, int(1000*w.o.Scale)) }

// award gives badges: each class has a public one, so that what happens around a
// class is seen; the first people have 50, the others about ten.
func (w *world) award() {
	public := make(map[int64]bool)
	for c := range w.classes {
		b := held{person: int32(w.people/2 + c%(w.people/2)), class: int32(c + 1)} //nolint:gosec // G115: within scale
		public[int64(b.class)<<32|int64(b.person)] = true
		w.holders[c]++
		w.badges = append(w.badges, b)
	}
	for p := range w.people {
		n := min(120, int(w.rand.ExpFloat64()*9.5)+1)
		if p < w.few() {
			n = 50
		}
		for range n {
			b := held{person: int32(p + 1), class: int32(w.classPopularity.pick(w.rand) + 1)} //nolint:gosec // G115: within scale
			switch r := w.rand.IntN(10); {
			case r >= 8:
				b.visibility = 2
			case r == 7:
				b.visibility = 1
			}
			if key := int64(b.class)<<32 | int64(b.person); b.visibility == 0 && !public[key] {
				public[key] = true
				w.holders[b.class-1]++
			}
			w.badges = append(w.badges, b)
		}
	}
	w.manifest.Badges = len(w.badges)
}

// connect makes follows: the first people follow 200 sources, the last ones one
// quiet person each, the others about 30.
func (w *world) connect() {
	for p := range w.people {
		n := min(300, 1+int(w.rand.ExpFloat64()*28))
		if p < w.few() {
			n = 200
		}
		quiet := p >= w.people-w.few()
		if quiet {
			n = 1
		}
		chosen := make(map[int32]bool, n)
		for try := 0; len(chosen) < n && try < 20*n; try++ {
			src := int32(w.popularity.pick(w.rand) + 1) //nolint:gosec // G115: within scale
			if quiet {
				src = int32(w.people/2 + p - w.people + w.few()) //nolint:gosec // G115: within scale
			}
			if int(src) != p+1 && !chosen[src] {
				chosen[src] = true
				w.follows = append(w.follows, follow{int32(p + 1), src})
			}
		}
	}
	w.manifest.Follows = len(w.follows)
}

// happen makes the events of badges and follows, and comments until there are
// enough events, in a random order.
func (w *world) happen() {
	for i, b := range w.badges {
		if b.visibility != 2 {
			w.events = append(w.events, happened{published, b.person, b.class, int32(i)})
		}
	}
	for i, f := range w.follows {
		e := happened{followed, f.who, 0, int32(i)}
		if int(f.src) > w.people {
			e.class = f.src - int32(w.people) //nolint:gosec // G115: within scale
		}
		w.events = append(w.events, e)
	}
	talkers := w.popularity.part(0, w.people)
	for len(w.events) < int(events*w.o.Scale) {
		class := int32(w.classPopularity.pick(w.rand) + 1) //nolint:gosec // G115: within scale
		w.talk[class-1]++
		w.manifest.Comments++
		w.events = append(w.events, happened{commented, int32(talkers.pick(w.rand) + 1), class, 0}) //nolint:gosec // G115: within scale
	}
	w.rand.Shuffle(len(w.events), func(i, j int) { w.events[i], w.events[j] = w.events[j], w.events[i] })
	w.manifest.Events = len(w.events)
}

// count fills the counters that the services keep.
func (w *world) count() {
	for i, e := range w.events {
		for _, s := range w.sourcesOf(e) {
			w.sources[s-1].events++
			w.sources[s-1].last = w.eventID(i)
		}
	}
	for _, f := range w.follows {
		w.sources[f.src-1].followers++
		w.followed[f.who-1]++
		w.density[f.who-1] += int64(w.sources[f.src-1].events)
	}
}

func (w *world) sourcesOf(e happened) []int32 {
	if e.class == 0 {
		return []int32{e.actor}
	}
	return []int32{e.actor, int32(w.people) + e.class} //nolint:gosec // G115: within scale
}

// at is when event i happened: evenly spread over the last year.
func (w *world) at(i int) time.Time {
	const span = 365 * 24 * time.Hour
	left := time.Duration(len(w.events)-i) * (span / time.Duration(len(w.events)+1))
	return w.o.Now.Add(-left)
}

func (w *world) eventID(i int) int64 { return db.IDAt(w.at(i)) }
