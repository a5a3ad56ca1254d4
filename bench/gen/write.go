package gen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/pack"
	"github.com/osier-passport/osier/core/secret"
)

var (
	firstNames = []string{"Ada", "Ben", "Chloé", "Dario", "Elif", "Farah", "Goran", "Hana", "Ivo", "Jun", "Kira", "Léa", "Mo", "Noor", "Omar", "Pia"}
	lastNames  = []string{"Alder", "Baker", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Hughes", "Ito", "Jansen", "Kovač", "Lopez", "Moreau", "Nguyen", "Okafor", "Petit"}
	deeds      = []string{"Survey", "Repair", "Weaving", "Mapping", "Writing", "Rescue", "Teaching", "Baking", "Coding", "Sailing", "Carving", "Planting"}
	levels     = []string{"Basics", "Practice", "Leader", "Mentor", "Keeper", "Craft"}
	homes      = []string{"DE", "FR", "FI", "NL", "CA", "US", "ES", "IT", "SE", "PL", "BR", "IN", "KE", "JP", "AU", "GB", "PT", "BE", "AT", "CH"}
	places     = []string{"Shore", "Forest", "Harbour", "Library", "Workshop", "Garden", "River", "Archive", "Kitchen", "Meadow"}
)

// written is what all rows share.
type written struct {
	credential, report []byte // packed
	received, art      string
	now                int64
}

func (w *world) write(ctx context.Context, f *file) error {
	shared, err := w.shared(ctx, f)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, *file, written) error{
		w.writePeople, w.writePlaces, w.writeClasses, w.writeBadges, w.writeFollows, w.writeEvents, w.writeComments, w.writeSessions,
	} {
		if err := step(ctx, f, shared); err != nil {
			return err
		}
	}
	return nil
}

// shared makes the one credential, its report and its picture.
func (w *world) shared(ctx context.Context, f *file) (written, error) {
	s := written{now: db.Micros(w.o.Now)}
	credential, err := sample.Embedded(ctx)
	if err != nil {
		return s, err
	}
	r := verify.Check(ctx, credential, verify.Options{At: sample.At()})
	report, err := json.Marshal(badge.StoredReport{Checks: r.Checks, Documents: r.Documents})
	if err != nil {
		return s, err
	}
	var art bytes.Buffer
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		img.Set(i%64, i/64, color.RGBA{byte(i), byte(i >> 4), 90, 255})
	}
	if err := png.Encode(&art, img); err != nil {
		return s, err
	}
	packed := pack.Pack(credential)
	s.credential, s.report = packed.Own, pack.Text(report)
	s.received, s.art = blob.Hash(credential), blob.Hash(art.Bytes())
	one := func(row ...any) func() ([]any, bool) { return each(1, func(int) []any { return row }) }
	if err := f.insert(ctx, `INSERT INTO credential_part (id, hash, data) VALUES (1, ?, ?)`, one(blob.Hash(packed.Part), packed.Part)); err != nil {
		return s, err
	}
	if err := f.insert(ctx, `UPDATE badge_packing SET ended = ?`, one(true)); err != nil {
		return s, err
	}
	return s, f.insert(ctx, `INSERT INTO blob (hash, mime, data, created_at) VALUES (?, ?, ?, ?)`, one(s.art, "image/png", art.Bytes(), s.now))
}

// id is a public id made from a name: 22 letters and digits.
func id(kind string, n int) string {
	sum := sha256.Sum256([]byte(kind + strconv.Itoa(n)))
	return hex.EncodeToString(sum[:11])
}

func handle(p int) string { return "reader" + strconv.Itoa(p+1) }

func name(p int) string {
	return firstNames[p%len(firstNames)] + " " + lastNames[p/len(firstNames)%len(lastNames)] + " " + strconv.Itoa(p+1)
}

func className(c int) string {
	return places[c%len(places)] + " " + deeds[c/len(places)%len(deeds)] + " " + levels[c/7%len(levels)] + " " + strconv.Itoa(c+1)
}

func issuerName(i int) string { return places[i%len(places)] + " School " + strconv.Itoa(i+1) }

// search is what a class and its badges are found by.
func (w *world) search(c int) string {
	return db.Fold(className(c) + " " + issuerName(c%w.issuers) + " " + sample.Badge("").Description)
}

func (w *world) writePeople(ctx context.Context, f *file, s written) error {
	total := float64(max(1, len(w.events)))
	return f.insert(ctx, `INSERT INTO person (id, public_id, handle, name, about, role, search, follows, density, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		each(w.people, func(p int) []any {
			role := "member"
			if p == 0 {
				role = "admin"
			}
			return []any{
				p + 1, id("person", p), handle(p), name(p), "I collect what I learn, and write about it now and then.", role,
				db.Fold(name(p) + " @" + handle(p)), w.followed[p], float64(w.density[p]) / total, s.now,
			}
		}))
}

// writePlaces gives every third person a country.
func (w *world) writePlaces(ctx context.Context, f *file, _ written) error {
	return f.insert(ctx, `INSERT INTO explore_place (person, country) VALUES (?, ?)`,
		each(w.people/3, func(i int) []any { return []any{3*i + 1, homes[i*i%len(homes)]} }))
}

func (w *world) writeClasses(ctx context.Context, f *file, s written) error {
	err := f.insert(ctx, `INSERT INTO issuer (id, public_id, wire_id, name, url, description, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		each(w.issuers, func(i int) []any {
			wire := fmt.Sprintf("https://school%d.example/issuer", i+1)
			return []any{i + 1, id("issuer", i), wire, issuerName(i), "https://school.example", "A school of the bay.", s.now}
		}))
	if err != nil {
		return err
	}
	b := sample.Badge("")
	alignments, err := json.Marshal(b.Alignments)
	if err != nil {
		return err
	}
	return f.insert(ctx, `INSERT INTO badge_class (id, public_id, content_hash, issuer, wire_id, name, description, criteria_url, criteria, language,
		tags, alignments, thumbnail, holders, search, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		each(w.classes, func(c int) []any {
			if w.talk[c] >= 20 && len(w.manifest.Talked) < 100 && w.holders[c] > 0 {
				w.manifest.Talked = append(w.manifest.Talked, id("class", c))
			}
			tags := `["` + strings.ToLower(places[c%len(places)]) + `","` + strings.ToLower(deeds[c/len(places)%len(deeds)]) + `","topic ` + strconv.Itoa(c%300) + `"]`
			return []any{
				c + 1, id("class", c), id("content", c), c%w.issuers + 1, fmt.Sprintf("https://school.example/classes/%d", c+1), className(c),
				b.Description, b.CriteriaID, b.CriteriaText, "en", tags, string(alignments), s.art, w.holders[c], w.search(c), s.now,
			}
		}))
}

func (w *world) writeBadges(ctx context.Context, f *file, s written) error {
	base := db.IDAt(w.o.Now.AddDate(-1, 0, 0))
	some := max(1, len(w.badges)/500)
	err := f.insert(ctx, `INSERT INTO badge (id, public_id, person, class, equality, wire_id, version, form, carrier, received, filename, credential, thumbnail, issued_to,
		issued_at, expires_at, evidence, visibility, verdict, verified_at, part, inline, published_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, '3.0', 'embedded', 'json', ?, 'badge.json', ?, ?, 'a•••@example.org', ?, 0, '', ?, 'valid', ?, 1, TRUE, ?, ?)`,
		each(len(w.badges), func(i int) []any {
			b := w.badges[i]
			publicID := id("badge", i)
			shown := int64(0)
			if b.visibility != 2 {
				shown = s.now - int64(len(w.badges)-i)*int64(time.Second/time.Microsecond)
			}
			if b.visibility == 0 && i%some == 0 {
				w.manifest.Public = append(w.manifest.Public, publicID)
			}
			issued := w.o.Now.AddDate(0, -i%60, -i%27)
			return []any{
				base + int64(i)*1024, publicID, b.person, b.class, publicID, "urn:uuid:" + publicID, s.received, s.credential, s.art,
				db.Micros(issued), visibleness[b.visibility], s.now,
				shown, s.now,
			}
		}))
	if err != nil {
		return err
	}
	return f.insert(ctx, `INSERT INTO verification (id, badge, at, verdict, report, packed) VALUES (?, ?, ?, 'valid', '', ?)`,
		each(len(w.badges), func(i int) []any {
			return []any{i + 1, base + int64(i)*1024, s.now, s.report}
		}))
}

func (w *world) writeFollows(ctx context.Context, f *file, s written) error {
	err := f.insert(ctx, `INSERT INTO source (id, kind, object, followers, events, last_event) VALUES (?, ?, ?, ?, ?, ?)`,
		each(len(w.sources), func(i int) []any {
			kind, object := "person", i+1
			if i >= w.people {
				kind, object = "class", i+1-w.people
			}
			return []any{i + 1, kind, object, w.sources[i].followers, w.sources[i].events, w.sources[i].last}
		}))
	if err != nil {
		return err
	}
	return f.insert(ctx, `INSERT INTO follow (follower, src, since) VALUES (?, ?, ?)`,
		each(len(w.follows), func(i int) []any { return []any{w.follows[i].who, w.follows[i].src, s.now} }))
}

func (w *world) writeEvents(ctx context.Context, f *file, _ written) error {
	badges := db.IDAt(w.o.Now.AddDate(-1, 0, 0))
	err := f.insert(ctx, `INSERT INTO event (id, actor, verb, class, badge, object, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		each(len(w.events), func(i int) []any {
			e := w.events[i]
			var badge, object int64
			switch e.verb {
			case published:
				badge = badges + int64(e.what)*1024
			case followed:
				object = int64(w.follows[e.what].src)
			case commented:
				object = w.eventID(i)
			}
			return []any{w.eventID(i), e.actor, verbNames[e.verb], e.class, badge, object, db.Micros(w.at(i))}
		}))
	if err != nil {
		return err
	}
	bySource := make([][]int32, len(w.sources))
	for i, e := range w.events {
		for _, s := range w.sourcesOf(e) {
			bySource[s-1] = append(bySource[s-1], int32(i))
		}
	}
	for s, list := range bySource {
		err := f.insert(ctx, `INSERT INTO event_src (src, ev) VALUES (?, ?)`,
			each(len(list), func(i int) []any { return []any{s + 1, w.eventID(int(list[i]))} }))
		if err != nil {
			return err
		}
	}
	return f.insert(ctx, `UPDATE feed_total SET events = ? WHERE id = 1`, each(1, func(int) []any { return []any{len(w.events)} }))
}

func (w *world) writeComments(ctx context.Context, f *file, _ written) error {
	return f.insert(ctx, `INSERT INTO comment (id, public_id, class, person, body, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		each(len(w.events), func(i int) []any {
			e := w.events[i]
			if e.verb != commented {
				return nil
			}
			return []any{w.eventID(i), id("comment", i), e.class, e.actor, "Well done — I tried this last year and the *second* visit was the hard one.", db.Micros(w.at(i))}
		}))
}

// writeSessions signs readers of each kind in.
func (w *world) writeSessions(ctx context.Context, f *file, s written) error {
	few := w.few()
	for i := range 25 {
		random := few + w.rand.IntN(w.people-2*few)
		for kind, p := range map[string]int{Busy: i, Random: random, Sparse: w.people - few + i} {
			token := sha256.Sum256([]byte(kind + strconv.Itoa(i)))
			w.manifest.Readers = append(w.manifest.Readers, Reader{kind, int64(p + 1), handle(p), base64.RawURLEncoding.EncodeToString(token[:])})
		}
		w.manifest.Profiles = append(w.manifest.Profiles, handle(i))
	}
	slices.SortFunc(w.manifest.Readers, func(a, b Reader) int { return int(a.Person - b.Person) })
	expires := db.Micros(w.o.Now.AddDate(0, 0, 30))
	return f.insert(ctx, `INSERT INTO session (token_hash, public_id, person, device, created_at, fresh_at, seen_at, expires_at) VALUES (?, ?, ?, 'bench', ?, ?, ?, ?)`,
		each(len(w.manifest.Readers), func(i int) []any {
			r := w.manifest.Readers[i]
			return []any{secret.Hash(r.Token), id("session", i), r.Person, s.now, s.now, s.now, expires}
		}))
}
