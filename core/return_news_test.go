package core

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestWhatIsBroughtBackIsNoNews: a badge and a page of an archive were published when
// they were. In the feed they stand where they stood, with their own time.
func TestWhatIsBroughtBackIsNoNews(t *testing.T) {
	onBoth(t, func(t *testing.T, p *passport) {
		who, friend, _ := lived(t, p, "ada")
		day := 24 * time.Hour
		earned, arranged := time.Now().Add(-90*day).Truncate(time.Second), time.Now().Add(-60*day).Truncate(time.Second)
		p.write(`UPDATE badge SET published_at = $1 WHERE published_at > 0 AND person = $2`, earned.UnixMicro(), who.person.ID)
		p.write(`UPDATE page SET visibility = 'public', published_at = $1 WHERE person = $2`, arranged.UnixMicro(), who.person.ID)
		followed, said := time.Now().Add(-50*day).Truncate(time.Second), time.Now().Add(-40*day).Truncate(time.Second)
		p.write(`UPDATE follow SET since = $1 WHERE follower = $2`, followed.UnixMicro(), who.person.ID)
		p.write(`UPDATE comment SET created_at = $1 WHERE person = $2`, said.UnixMicro(), who.person.ID)
		data := who.export().body
		if err := p.remove(who.person.ID); err != nil {
			t.Fatal(err)
		}
		again := p.member("ada-again")
		p.write(`UPDATE email SET address = 'ada@people.test', address_key = 'ada@people.test' WHERE person = $1`, again.person.ID)
		friend.post("/@ada-again/follow", "action", "follow").is(t, 303)
		if done := again.bringBack(data).is(t, 200); !bytes.Contains(done.body, []byte("data-focus")) {
			t.Fatalf("not done: %s", done)
		}
		for verb, at := range map[string]time.Time{"published": earned, "arranged": arranged, "commented": said} {
			if n := p.count(`SELECT count(*) FROM event WHERE actor = $1 AND verb = $2 AND at = $3`, again.person.ID, verb, at.UnixMicro()); n != 1 {
				t.Errorf("%d events say %s on its own day", n, verb)
			}
			if n := p.count(`SELECT count(*) FROM event WHERE actor = $1 AND verb = $2`, again.person.ID, verb); n != 1 {
				t.Errorf("%d events say %s", n, verb)
			}
		}
		if n := p.count(`SELECT count(*) FROM badge WHERE person = $1 AND visibility = 'public' AND published_at = $2`, again.person.ID, earned.UnixMicro()); n != 1 {
			t.Errorf("%d badges keep the day on which they were published", n)
		}
		if n := p.count(`SELECT count(*) FROM follow WHERE follower = $1`, again.person.ID) - p.count(`SELECT count(*) FROM follow WHERE follower = $1 AND since = $2`, again.person.ID, followed.UnixMicro()); n != 0 {
			t.Errorf("%d follows begin anew", n)
		}
		if n := p.count(`SELECT count(*) FROM event WHERE actor = $1 AND verb = 'followed' AND at = $2`, again.person.ID, followed.UnixMicro()); n != 2 {
			t.Errorf("%d events say that they followed, on its own day", n)
		}
		class := p.texts(`SELECT public_id FROM badge_class WHERE name = 'Common'`)[0]
		friend.post("/c/"+class+"/comments", "text", "Nobody said this before").is(t, 303)
		if n := p.count(`SELECT count(*) FROM comment c WHERE c.created_at = $1 AND c.person = $2 AND c.id < (SELECT max(id) FROM comment)`, said.UnixMicro(), again.person.ID); n != 1 {
			t.Errorf("%d comments stand where they stood", n)
		}
		feed := words(friend.get("/feed?kind=badges").is(t, 200).all(t, "main")[0])
		if !strings.Contains(feed, "Shown") || strings.Contains(feed, "just now") {
			t.Errorf("the feed says: %s", feed)
		}
		if n := p.count(`SELECT count(*) FROM source s WHERE s.last_event <> COALESCE((SELECT max(ev) FROM event_src WHERE src = s.id), 0) OR s.events <> (SELECT count(*) FROM event_src WHERE src = s.id)`); n != 0 {
			t.Errorf("%d sources count wrong", n)
		}
	})
}
