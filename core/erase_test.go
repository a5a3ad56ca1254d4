package core

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/jobs"
	"github.com/osier-passport/osier/core/mydata"
	"github.com/osier-passport/osier/core/pack"
)

// idsOnly are the tables whose rows about a person hold no words: how many there
// are of the person whose id is $1.
var idsOnly = map[string]string{
	"profile_pin":         `SELECT count(*) FROM profile_pin WHERE person = $1`,
	"profile_block_badge": `SELECT count(*) FROM profile_block_badge WHERE person = $1`,
	"profile_choice":      `SELECT count(*) FROM profile_choice WHERE person = $1`,
	"event":               `SELECT count(*) FROM event WHERE actor = $1`,
	"event_src":           `SELECT count(*) FROM event_src s JOIN event e ON e.id = s.ev WHERE e.actor = $1`,
	"follow":              `SELECT count(*) FROM follow f JOIN source s ON s.id = f.src WHERE f.follower = $1 OR s.kind = 'person' AND s.object = $1`,
	"source":              `SELECT count(*) FROM source WHERE kind = 'person' AND object = $1`,
	"invitation_use":      `SELECT count(*) FROM invitation_use WHERE person = $1`,
	"password":            `SELECT count(*) FROM password WHERE person = $1`,

	"congratulation":    `SELECT count(*) FROM congratulation g JOIN badge b ON b.id = g.badge WHERE g.person = $1 OR b.person = $1`,
	"comment_seen":      `SELECT count(*) FROM comment_seen s JOIN badge b ON b.id = s.badge WHERE b.person = $1`,
	"badge_view":        `SELECT count(*) FROM badge_view v JOIN badge b ON b.id = v.badge WHERE b.person = $1`,
	"endorsement_place": `SELECT count(*) FROM endorsement_place WHERE person = $1`,
	"signing_key":       `SELECT count(*) FROM signing_key WHERE person = $1`,
	"share_choice":      `SELECT count(*) FROM share_choice WHERE person = $1`,
	"address_proof":     `SELECT count(*) FROM address_proof WHERE person = $1`,
	"data_part":         `SELECT count(*) FROM data_part p JOIN data_task t ON t.id = p.task WHERE t.person = $1`, // sealed

	"recovery_code":  `SELECT count(*) FROM recovery_code WHERE person = $1`,
	"block":          `SELECT count(*) FROM block WHERE person = $1 OR blocked = $1`,
	"follow_request": `SELECT count(*) FROM follow_request WHERE person = $1 OR follower = $1`,
	"consent":        `SELECT count(*) FROM consent WHERE person = $1`,
	"page_badge":     `SELECT count(*) FROM page_badge c JOIN page g ON g.id = c.page WHERE g.person = $1`,
	"link_hit":       `SELECT count(*) FROM link_hit h JOIN badge b ON b.id = h.badge WHERE b.person = $1`,

	"oauth_grant": `SELECT count(*) FROM oauth_grant WHERE person = $1`,
	"oauth_token": `SELECT count(*) FROM oauth_token t JOIN oauth_grant g ON g.id = t.allowed WHERE g.person = $1`,

	"badge_reminder":   `SELECT count(*) FROM badge_reminder r JOIN badge b ON b.id = r.badge WHERE b.person = $1`,
	"calendar_feed":    `SELECT count(*) FROM calendar_feed WHERE person = $1`, // sealed
	"badge_change_row": `SELECT count(*) FROM badge_change_row r JOIN badge b ON b.id = r.badge WHERE b.person = $1`,
	"collection_badge": `SELECT count(*) FROM collection_badge m JOIN badge b ON b.id = m.badge WHERE b.person = $1`,

	"person_day": `SELECT count(*) FROM person_day WHERE person = $1`,
	"admin_act":  `SELECT count(*) FROM admin_act WHERE actor = $1 OR subject = $1`,
	"removal":    `SELECT count(*) FROM removal WHERE person = $1`,

	"explore_visit": `SELECT count(*) FROM explore_visit WHERE person = $1`,

	"email_token":   `SELECT count(*) FROM email_token WHERE person = $1`,
	"badge_frame":   `SELECT count(*) FROM badge_frame f JOIN badge b ON b.frame = f.id WHERE b.person = $1`,
	"criteria_copy": `SELECT count(*) FROM criteria_copy t JOIN badge b ON b.class = t.class WHERE b.person = $1`,
	"verification":  `SELECT count(*) FROM verification v JOIN badge b ON b.id = v.badge WHERE b.person = $1`,
}

// orphans count rows about rows that are gone.
var orphans = []string{
	`SELECT count(*) FROM profile_pin WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM profile_block_badge WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM oauth_token WHERE allowed NOT IN (SELECT id FROM oauth_grant)`,
	`SELECT count(*) FROM oauth_grant WHERE person NOT IN (SELECT id FROM person) OR client NOT IN (SELECT id FROM oauth_client)`,
	`SELECT count(*) FROM comment_seen WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM event_src WHERE ev NOT IN (SELECT id FROM event) OR src NOT IN (SELECT id FROM source)`,
	`SELECT count(*) FROM link_hit WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM badge_reminder WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM badge_change_row WHERE badge NOT IN (SELECT id FROM badge) OR change NOT IN (SELECT id FROM badge_change)`,
	`SELECT count(*) FROM badge_tag WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM collection_badge WHERE badge NOT IN (SELECT id FROM badge) OR collection NOT IN (SELECT id FROM collection)`,
	`SELECT count(*) FROM badge_detail WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM badge_evidence WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM badge_view WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM congratulation WHERE badge NOT IN (SELECT id FROM badge) OR person NOT IN (SELECT id FROM person)`,
	`SELECT count(*) FROM report WHERE badge NOT IN (SELECT id FROM badge) OR person <> 0 AND person NOT IN (SELECT id FROM person)`,
	`SELECT count(*) FROM endorsement WHERE badge NOT IN (SELECT id FROM badge) OR person <> 0 AND person NOT IN (SELECT id FROM person) OR outsider <> 0 AND outsider NOT IN (SELECT id FROM outsider)`,
	`SELECT count(*) FROM outsider WHERE id NOT IN (SELECT outsider FROM endorsement)`,
	`SELECT count(*) FROM signing_key WHERE person <> 0 AND person NOT IN (SELECT id FROM person)`,
	`SELECT count(*) FROM comment WHERE badge <> 0 AND badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM verification WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM credential_part WHERE id NOT IN (SELECT part FROM badge)`,
	`SELECT count(*) FROM badge_frame WHERE id NOT IN (SELECT frame FROM badge)`,
	`SELECT count(*) FROM badge WHERE frame <> 0 AND frame NOT IN (SELECT id FROM badge_frame)`,
	`SELECT count(*) FROM badge WHERE part <> 0 AND part NOT IN (SELECT id FROM credential_part)`,
	`SELECT count(*) FROM verification_document WHERE verification NOT IN (SELECT id FROM verification)`,
	`SELECT count(*) FROM badge_host WHERE badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM host_health WHERE host NOT IN (SELECT host FROM badge_host)`,
	`SELECT count(*) FROM issuer_key WHERE issuer NOT IN (SELECT issuer FROM badge_class)`,
	`SELECT count(*) FROM criteria_copy WHERE class NOT IN (SELECT id FROM badge_class)`,
	`SELECT count(*) FROM badge_record WHERE id NOT IN (SELECT record FROM badge)`,
	`SELECT count(*) FROM page_block WHERE page NOT IN (SELECT id FROM page)`,
	`SELECT count(*) FROM page_badge WHERE page NOT IN (SELECT id FROM page) OR badge NOT IN (SELECT id FROM badge)`,
	`SELECT count(*) FROM page_version WHERE page NOT IN (SELECT id FROM page)`,
	`SELECT count(*) FROM page_tag WHERE page NOT IN (SELECT id FROM page)`,
	`SELECT count(*) FROM file_tag WHERE file NOT IN (SELECT id FROM file)`,
	`SELECT count(*) FROM follow WHERE src NOT IN (SELECT id FROM source)`,
	`SELECT count(*) FROM source WHERE kind = 'class' AND object NOT IN (SELECT id FROM badge_class) OR kind = 'person' AND object NOT IN (SELECT id FROM person)`,
	`SELECT count(*) FROM blob WHERE hash NOT IN (SELECT received FROM badge UNION SELECT thumbnail FROM badge UNION SELECT thumbnail FROM badge_class
		UNION SELECT received FROM badge_import UNION SELECT received FROM badge_alias UNION SELECT picture FROM person UNION SELECT picture FROM preference UNION SELECT blob FROM file UNION SELECT thumbnail FROM file UNION SELECT received FROM badge_record UNION SELECT blob FROM verification_document UNION SELECT blob FROM criteria_copy)`,
	`SELECT count(*) FROM badge_record WHERE id NOT IN (SELECT record FROM badge UNION SELECT record FROM badge_import WHERE state IN ('running', 'mismatch'))`,
	`SELECT count(*) FROM job WHERE kind <> 'mail.send' AND person <> 0 AND person NOT IN (SELECT id FROM person)`,
	`SELECT count(*) FROM comment WHERE class NOT IN (SELECT id FROM badge_class)`,
	`SELECT count(*) FROM comment_gap WHERE class NOT IN (SELECT id FROM badge_class)`,
	`SELECT count(*) FROM data_part WHERE task NOT IN (SELECT id FROM data_task)`,
	`SELECT count(*) FROM data_item WHERE task NOT IN (SELECT id FROM data_task)`,
	`SELECT count(*) FROM erasure WHERE person <> 0`,
	`SELECT count(*) FROM admin_act WHERE actor <> 0 AND actor NOT IN (SELECT id FROM person) OR subject <> 0 AND subject NOT IN (SELECT id FROM person) OR subject = 0 AND words <> ''`,
	`SELECT count(*) FROM removal WHERE person NOT IN (SELECT id FROM person)`,
	`SELECT count(*) FROM search_doc WHERE kind = 'person' AND object NOT IN (SELECT id FROM person) OR kind = 'class' AND object NOT IN (SELECT id FROM badge_class)
		OR kind = 'issuer' AND object NOT IN (SELECT id FROM issuer) OR kind = 'skill' AND object NOT IN (SELECT id FROM facet)`,
	`SELECT count(*) FROM facet WHERE id NOT IN (SELECT facet FROM facet_doc)`,
	`SELECT count(*) FROM facet_doc WHERE doc NOT IN (SELECT id FROM search_doc)`,
	`SELECT count(*) FROM search_gram WHERE word NOT IN (SELECT word FROM search_word)`,
}

// nobodys are the tables that hold nothing about a person, with why.
var nobodys = map[string]string{
	"data_request":     "links of people without an account, the address sealed, for half an hour",
	"signing_end":      "random ids of those whose keys are deleted",
	"outsider_stop":    "keyed hashes of addresses that want no requests",
	"oauth_client":     "what apps say of themselves",
	"share_app":        "registrations of the site with other servers, sealed",
	"plugin_setting":   "of the site, set by administrators, sealed",
	"share_limit":      "of the site, set by administrators",
	"share_order":      "of the site, set by administrators",
	"legal_text":       "of the site, published by administrators",
	"setting":          "of the site, set by administrators",
	"plugin":           "which plugins are off",
	"feed_total":       "one number",
	"job_period":       "when periodic work is due",
	"badge_packing":    "how far old badges were packed",
	"gone":             "written by the erasure: random ids of badges and pages that everybody saw, hashes of links",
	"rate":             "counts by keyed hashes, for an hour",
	"gone_identity":    "written by the erasure: keyed hashes of issuer and subject",
	"spent":            "hashes of challenges that were used, for minutes",
	"mail_pace":        "counts by keyed hashes of addresses, for an hour",
	"tombstone":        "written by the erasure: a random id and a keyed hash of the handle",
	"goose_db_version": "the version of the schema",
	"erasure":          "written by the erasure: a random number and counts",
	"comment_gap":      "written by the erasure: where a comment stood",

	"search_mark":           "ids of what is not indexed yet, for moments",
	"facet_doc":             "counts of people",
	"search_index_docsize":  "how many words texts have",
	"search_index_stat":     "how many texts there are",
	"search_index_segdir":   "where the index stands in its own table",
	"search_index_segments": "the words, once there are many",
}

// TestErasure fills every table for a person with markers, removes the account
// and finds no byte of a marker in any table or file.
func TestErasure(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { erase(t) })
	t.Run("with a mail server that is down", func(t *testing.T) {
		erase(t, func(c *config.Config) {
			c.SMTP = config.SMTP{Host: "127.0.0.1", Port: 1, TLS: "none", From: "badges@people.test"}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		erase(t, func(c *config.Config) { c.Database = url })
	})
}

func erase(t *testing.T, configure ...func(*config.Config)) {
	t.Helper()
	var later atomic.Int64
	p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }}, configure...)
	p.share.Settle()
	m := marker("")
	who, other := fill(t, p, m)
	id := p.count(`SELECT id FROM person WHERE handle = $1`, m)
	for _, table := range p.tables() {
		found := len(holding(p, table, m))
		query, counted := idsOnly[table]
		if counted {
			found = p.count(query, id)
		}
		if found == 0 && nobodys[table] == "" {
			t.Errorf("the table %s has no row about the person: fill it here, or say in nobodys why it holds none", table)
		}
	}
	badge := p.texts(`SELECT b.public_id FROM badge b WHERE b.person = $1 AND visibility = 'public' AND verdict <> 'invalid' AND NOT unclaimed`, id)[0]
	session := who.cookie("osier")
	packed := p.packedOf(id)
	later.Store(int64(15 * time.Minute)) // the sign-in is no fresh proof any more
	if a := who.get("/settings/remove?step=2").is(t, 200); len(a.all(t, `a[href^="/login/fresh?next=/settings/remove"]`)) != 1 || len(a.all(t, `input[name="password"]`)) != 1 {
		t.Error("who has a password is not offered the other ways to prove who they are")
	}
	who.post("/settings/remove", "handle", m, "password", "not the password").is(t, 422)
	receipt := who.post("/settings/remove", "handle", m, "password", m+" secret", "comments", "keep").is(t, 303).location()
	if err := p.erased(mydata.Receipt{Number: strings.TrimPrefix(receipt, "/removed/")}); err != nil {
		t.Fatal(err)
	}

	for table, query := range idsOnly {
		if n := p.count(query, id); n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	for _, query := range orphans {
		if n := p.count(query); n != 0 {
			t.Errorf("%d rows are left: %s", n, query)
		}
	}
	for _, table := range p.tables() {
		for _, row := range holding(p, table, m) {
			t.Errorf("left in %s: %.400q", table, row)
		}
	}
	searchFiles(t, p, m, "while it runs", packed...)
	searchDump(t, p, m)
	gone(t, p, other, m, badge, session)
	for line := range strings.Lines(p.log.String()) {
		if strings.Contains(line, m) && !strings.Contains(line, "/admin/outbox") { // which has mails in full while nothing sends them
			t.Errorf("the log names the person: %s", line)
		}
	}
	p.stop()
	searchFiles(t, p, m, "after it stopped", packed...)
}

// fill gives a person rows in every table, and others who met them.
func fill(t *testing.T, p *passport, m string) (who, other *visitor) {
	t.Helper()
	other = p.member("other")
	who = p.visitor()
	who.post("/signup", "name", m+" Name", "handle", m, "address", m+"@people.test", "password", m+" secret").is(t, 303)
	id := p.count(`SELECT id FROM person WHERE handle = $1`, m)
	p.write(`UPDATE email SET confirmed_at = 1, confirmed_by = 'mail' WHERE person = $1`, id)
	who.upload("/settings/profile", "picture", m+".png", picture(t), "name", m+" Name", "about", m+" about", "place", m+" place",
		"organisation", m+" organisation", "links", "https://"+m+".test/", "picture_for", "members").is(t, 303)
	who.post("/settings/handle", "handle", m+"-x").is(t, 303)
	who.post("/settings/handle", "handle", m).is(t, 303)
	who.post("/settings/emails", "address", m+"2@people.test").is(t, 303)
	who.post("/reset", "address", m+"@people.test").is(t, 200)
	p.bus.Wait()

	issuer := newSigner(t, m+" issuer")
	s := &scene{passport: p}
	who.person.Handle = m
	b := &secretBadge{state: "erased", marker: m, holder: who}
	s.receive(b)
	s.show(b, "public")
	who.post("/share/linkedin.profile/"+b.id).is(t, 200, 303)
	who.post("/b/"+b.id+"/tags", "tags", m+" tag").is(t, 303)
	who.post("/b/"+b.id+"/collections", "name", m+" collection").is(t, 303)
	who.post("/badges/calendar", "action", "make").is(t, 303)
	p.write(`INSERT INTO badge_reminder (badge, term, expires_at) SELECT id, 7, 1 FROM badge WHERE public_id = $1`, b.id)
	who.post("/badges/bulk", "badge", b.id, "do", "tag", "value", m+" bulk").is(t, 303)
	foreign := issuer.badge(m+" of somebody else", "nobody@people.test")
	who.upload("/add", "file", m+"-other.json", issuer.sign(t, foreign)).is(t, 422) // the outcome is kept for a day
	who.upload("/add", "file", m+"-picture.png", baked(t, issuer.sign(t, issuer.badge(m+" in a picture", m+"@people.test")))).is(t, 303)
	who.upload("/add", "file", m+"-record.json", issuer.recordFor(t, m+"@people.test", issuer.badge(m+" in a record", m+"@people.test"))).is(t, 200)
	shared := newSigner(t, "Shared issuer")
	common := shared.badge("Shared badge", m+"@people.test")
	who.take(t, shared, common)
	both := shared.badge("Shared badge", "other@people.test")
	common.ID, common.Recipient = both.ID, both.Recipient
	s.show(&secretBadge{holder: other, id: other.take(t, shared, common)}, "public")
	class := p.texts(`SELECT public_id FROM badge_class WHERE name = 'Shared badge'`)[0]

	who.upload("/files", "file", m+" file.txt", []byte(m+" of a file")).is(t, 303)
	who.upload("/files", "file", m+" file.png", picture(t)).is(t, 303)
	who.post("/settings/layout", "action", "style", "style", "dusk").is(t, 303)
	showcase := who.post("/settings/layout/showcases", "title", m+" showcase", "of", "chosen").is(t, 303).location()
	who.post(showcase, "badge", b.id, "action", "in").is(t, 303)
	who.post("/settings/contact", "mastodon", m+"@people.test", "mastodon_for", "public", "email", m+"@elsewhere.test", "email_for", "private").is(t, 303)
	who.post("/settings/pins", "action", "pin", "badge", b.id).is(t, 303)
	who.post("/settings/pins/machines", "credentials", "1").is(t, 303)
	who.post("/files/"+p.texts(`SELECT public_id FROM file WHERE type = 'text/plain'`)[0], "name", m+" name", "tags", m+" tag").is(t, 303)
	page := strings.TrimSuffix(who.post("/pages", "title", m+" page", "badge", b.id, "do", "draft").is(t, 303).location(), "/edit")
	who.post(page+"/head", "title", m+" title", "style", "river", "tags", m+" tag", "rev", p.texts(`SELECT CAST(head_rev AS TEXT) FROM page`)[0]).is(t, 303)
	_, words, _ := strings.Cut(who.post(page+"/blocks", "kind", "text").is(t, 303).location(), "#block-")
	who.post(page+"/blocks/"+words, "kind", "text", "rev", p.texts(`SELECT CAST(rev AS TEXT) FROM page_block WHERE id = $1`, words)[0], "text", m+" words").is(t, 303)
	who.post("/c/"+class+"/comments", "text", m+" comment").is(t, 303)
	who.post("/@other/follow", "action", "follow").is(t, 303)
	other.post("/@"+m+"/follow", "action", "follow").is(t, 303)
	other.post("/c/"+b.class+"/follow", "action", "follow").is(t, 303)
	other.post("/c/"+b.class+"/comments", "text", "about a badge that only the other has").is(t, 303)

	p.write(`INSERT INTO admin_act (id, actor, way, subject, kind, words, at) VALUES (1, $3, 'page', $1, 'disable', $2, 1), (2, $1, 'page', $3, 'enable', '', 1)`, id, m+" words of an administrator", other.person.ID)
	p.write(`INSERT INTO removal (person, due_at, told) VALUES ($1, $2, TRUE)`, id, int64(4102444800000000))
	who.post("/settings/emails", "address", m+"3@people.test").is(t, 303)
	p.write(`UPDATE email SET confirmed_at = 1, confirmed_by = 'mail' WHERE address = $1`, m+"3@people.test")
	who.post("/settings/emails/"+p.texts(`SELECT CAST(id AS TEXT) FROM email WHERE address = $1`, m+"3@people.test")[0], "action", "remove").is(t, 303)
	who.post("/b/"+b.id+"/comments", "text", m+" about a badge").is(t, 303)
	other.post("/b/"+b.id+"/comments", "text", "about "+m).is(t, 303)
	who.get("/b/"+b.id).is(t, 200) // and has read it
	who.post("/@other/block").is(t, 303)
	who.post("/settings/blocked", "handle", "other").is(t, 303)
	p.write(`INSERT INTO block (person, blocked, at) VALUES ($1, $2, 1)`, id, other.person.ID)
	who.post("/@other/follow", "action", "follow").is(t, 303)
	p.write(`INSERT INTO follow_request (person, follower, at) VALUES ($1, $2, 1)`, id, other.person.ID)
	p.write(`INSERT INTO guardian (person, address, token_hash, asked_at) VALUES ($1, $2, $3, 1)`, id, m+"-guardian@people.test", []byte(m+"guardian"))
	p.write(`INSERT INTO consent (person, kind, version, at) VALUES ($1, 'terms', 1, 1)`, id)
	who.post("/settings/details", "ask_club", m+" club").is(t, 303)
	p.write(`INSERT INTO link_hit (badge, day, hits) SELECT id, 1, 1 FROM badge WHERE public_id = $1`, b.id)
	p.write(`INSERT INTO identity (issuer, subject, person, provider, label, created_at) VALUES ($1, $1, $2, 'uni', $1, 1)`, m, id)
	p.write(`INSERT INTO oidc_state (state_hash, browser_hash, provider, nonce, verifier, next, person, expires_at) VALUES ($1, $1, 'uni', $2, $2, $2, $3, 9000000000000000)`,
		[]byte(m+"state"), m, id)
	p.write(`INSERT INTO passkey (credential, public_id, person, site, user_handle, public_key, flags, counter, aaguid, name, created_at)
		VALUES ($1, $2, $3, $2, $1, $1, 0, 0, $1, $2, 1)`, []byte(m+"passkey"), m, id)
	p.write(`INSERT INTO recovery_code (person, code, made_at) VALUES ($1, 'keyed hash', 1)`, id)
	p.write(`INSERT INTO session (token_hash, public_id, person, device, created_at, fresh_at, seen_at, expires_at) VALUES ($1, $2, $3, $2, 1, 1, 1, 9000000000000000)`,
		[]byte(m+"session"), m, id)
	p.write(`INSERT INTO oidc_session (session, person, provider, issuer, subject, sid, id_token) VALUES ($1, $2, 'uni', $3, $3, $3, $1)`, []byte(m+"session"), id, m)
	p.write(`INSERT INTO entry (token_hash, person, expires_at) VALUES ($1, $2, 9000000000000000)`, []byte(m+"entry"), id)
	invitation := p.base.NewID()
	p.write(`INSERT INTO invitation (id, public_id, secret_hash, maker, note, uses_max, created_at, expires_at) VALUES ($1, $2, $3, $4, $2, 5, 1, 9000000000000000)`,
		invitation, m+"v", []byte(m+"invitation"), id)
	p.write(`INSERT INTO invitation_use (person, invitation, used_at) VALUES ($1, $2, 1)`, id, invitation)
	p.write(`INSERT INTO badge_import (id, public_id, person, state, filename, source, title, checks, detail, created_at, changed_at)
		VALUES ($1, $2, $3, 'running', $2, $2, $2, '[]', $2, 1, 1)`, p.base.NewID(), m+"i", id)
	p.write(`INSERT INTO blob (hash, mime, data, created_at) VALUES ($1, 'text/plain', $2, 1)`, blob.Hash([]byte(m+" copy")), []byte(m+" copy"))
	p.write(`INSERT INTO badge_alias (public_id, badge, person, received, carrier, filename, joined_at) VALUES ($1, $2, $3, $4, 'json', $1, 1)`,
		m+"alias", b.id, id, blob.Hash([]byte(m+" copy")))
	account := p.base.NewID()
	p.write(`INSERT INTO share_account (id, public_id, person, target, remote_id, name, url, instance, state, sealed, connected_at)
		VALUES ($1, $2, $3, 'fake.post', $2, $2, $2, $2, 'ok', $4, 1)`, account, m+"account", id, []byte(m+"sealed"))
	p.write(`INSERT INTO share_connect (token_hash, session_hash, person, target, stage, sealed, expires_at) VALUES ($1, $1, $2, $3, 'out', $1, 9000000000000000)`,
		[]byte(m+"connect"), id, m)
	p.write(`INSERT INTO share_job (id, public_id, person, badge, target, account, state, unique_key, lang, body, options, remote_id, url, detail, created_at)
		SELECT $1, $2, $3, b.id, 'fake.post', $4, 'posted', $2, 'en', $2, '{}', $2, $2, $2, 1 FROM badge b WHERE b.public_id = $5`, p.base.NewID(), m+"job", id, account, b.id)
	p.write(`INSERT INTO share_choice (person, target, place) VALUES ($1, 'links.mail', 1)`, id)
	p.write(`INSERT INTO oauth_client (id, known, secret_hash, name, metadata, created_at, used_at) VALUES ('an app', TRUE, $1, 'App', '{}', 1, 1)`, []byte{})
	p.write(`INSERT INTO oauth_grant (id, person, client, scopes, code_hash, redirect, challenge, created_at, redeemed_at, used_at, ends_at)
		VALUES (1, $1, 'an app', '', $2, '', '', 1, 1, 1, 9000000000000000)`, id, []byte(m+"code"))
	p.write(`INSERT INTO oauth_token (token_hash, allowed, scopes, ends_at) VALUES ($1, 1, '', 9000000000000000)`, []byte(m+"token"))
	fillEndorsements(p, m, who, other)
	fillLedger(t, p, b, m)
	p.write(`INSERT INTO explore_place (person, country) VALUES ($1, $2)`, id, m)
	who.get("/explore").is(t, 200)
	p.indexed()
	who.export()
	p.write(`UPDATE data_task SET detail = $2 WHERE person = $1`, id, m)
	p.write(`INSERT INTO data_item (task, number, kind, title, source, state) SELECT t.id, 1, 'badge', $2, $2, 'add' FROM data_task t WHERE t.person = $1`, id, m)
	err := p.base.Tx(t.Context(), func(tx *db.Tx) error {
		return p.queue.Add(t.Context(), tx, "badge.import", m, jobs.Options{At: time.Now().Add(time.Hour), Person: int64(id)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return who, other
}

// fillEndorsements has the person endorse and be endorsed, ask others and somebody
// without an account.
func fillEndorsements(p *passport, m string, who, other *visitor) {
	id := p.count(`SELECT id FROM person WHERE handle = $1`, m)
	mine := p.texts(`SELECT public_id FROM badge WHERE person = $1 AND visibility = 'public'`, id)[0]
	theirs := p.texts(`SELECT public_id FROM badge WHERE person = $1`, other.person.ID)[0]
	who.post("/settings/blocked", "handle", "other").is(p.t, 303)
	p.write(`DELETE FROM block`)
	who.post("/b/"+theirs+"/endorse", "text", m+" vouches").is(p.t, 303)
	other.post("/endorsements/"+p.texts(`SELECT public_id FROM endorsement WHERE state = 'written'`)[0], "action", "accept").is(p.t, 303)
	who.post("/b/"+mine+"/details", "note", m+" note", "place", m+" place", "rating", "7").is(p.t, 303)
	who.post("/b/"+mine+"/evidence", "title", m+" evidence", "text", m+" text").is(p.t, 303)
	who.post("/b/"+theirs+"/congratulate").is(p.t, 303)
	other.post("/b/"+mine+"/congratulate").is(p.t, 303)
	who.post("/b/"+theirs+"/report", "reason", "spam", "words", m+" reports").is(p.t, 303)
	other.get("/b/"+mine, "User-Agent", "Mozilla/5.0").is(p.t, 200)
	p.detail.Settle(p.t.Context())
	who.post("/b/"+mine+"/endorse/ask", "handle", "other", "address", m+"-outsider@elsewhere.test", "words", m+" asks").is(p.t, 303)
	p.write(`UPDATE outsider SET name = $1`, m+" outsider")
	p.write(`INSERT INTO block (person, blocked, at) VALUES ($1, $2, 1)`, id, other.person.ID)
}

// fillLedger gives a badge what an issuer on the web leaves: documents, a key, a
// silent host, a copy of the criteria and the record that the badge came in.
func fillLedger(t *testing.T, p *passport, b *secretBadge, m string) {
	t.Helper()
	id, class := p.count(`SELECT id FROM badge WHERE public_id = $1`, b.id), p.count(`SELECT id FROM badge_class WHERE public_id = $1`, b.class)
	for _, text := range []string{m + " document", m + " criteria", m + " record"} {
		p.write(`INSERT INTO blob (hash, mime, data, created_at) VALUES ($1, 'text/plain', $2, 1)`, blob.Hash([]byte(text)), []byte(text))
	}
	p.write(`INSERT INTO verification_document (verification, number, url, sha256, role, blob) SELECT v.id, 7, $2, $3, 'issuer', $3 FROM verification v WHERE v.badge = $1`,
		id, "https://"+m+".test/issuer", blob.Hash([]byte(m+" document")))
	record := p.base.NewID()
	p.write(`INSERT INTO badge_record (id, person, received, carrier, filename, title, issuer, verdict, report, verified_at, created_at)
		SELECT $1, b.person, $3, 'json', $4, $4, $4, 'valid', '{}', 1, 1 FROM badge b WHERE b.id = $2`, record, id, blob.Hash([]byte(m+" record")), m)
	p.write(`UPDATE badge SET record = $2 WHERE id = $1`, id, record)
	p.write(`INSERT INTO criteria_copy (class, blob, at, checked_at) VALUES ($1, $2, 1, 1)`, class, blob.Hash([]byte(m+" criteria")))
	p.write(`INSERT INTO issuer_key (issuer, thumbprint, key_id, first_seen, last_seen) SELECT c.issuer, $2, $2, 1, 1 FROM badge_class c WHERE c.id = $1`, class, m)
	p.write(`INSERT INTO badge_host (badge, host) VALUES ($1, $2)`, id, m+".test")
	p.write(`INSERT INTO host_health (host, fails, since, until) VALUES ($1, 1, 1, 1)`, m+".test")
}

// holding gives the rows of a table in which the marker stands, however it is written.
func holding(p *passport, table, m string) []string {
	return slices.DeleteFunc(p.rows(table), func(row string) bool { return find([]byte(row), m) == "" })
}

func find(data []byte, m string) string {
	for _, word := range disguises(m) {
		if i := bytes.Index(data, []byte(word)); i >= 0 {
			return fmt.Sprintf("%q", data[max(0, i-60):min(len(data), i+len(word)+20)])
		}
	}
	return ""
}

// packedOf gives the last bytes of what is kept packed of a person, in which no word
// can be read, where others have not the same.
func (p *passport) packedOf(person int) [][]byte {
	p.t.Helper()
	const piece = 48
	packed := func(of string) [][]byte {
		list, err := db.Select(p.t.Context(), p.base.Read(), db.One[[]byte], `SELECT credential FROM badge b WHERE b.person `+of+`
			UNION SELECT v.packed FROM verification v JOIN badge b ON b.id = v.badge WHERE b.person `+of+`
			UNION SELECT t.data FROM credential_part t JOIN badge b ON b.part = t.id WHERE b.person `+of, person)
		if err != nil {
			p.t.Fatal(err)
		}
		return list
	}
	others := bytes.Join(packed("<> $1"), nil)
	var pieces [][]byte
	for _, b := range packed("= $1") {
		if !pack.IsPacked(b) || len(b) < piece {
			continue
		}
		if end := b[len(b)-piece:]; !bytes.Contains(others, end) {
			pieces = append(pieces, end)
		}
	}
	if len(pieces) < 3 {
		p.t.Fatalf("%d packed credentials, parts and reports", len(pieces))
	}
	return pieces
}

// searchFiles looks at every byte of the data folder.
func searchFiles(t *testing.T, p *passport, m, when string, packed ...[]byte) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		if where := find(append([]byte(d.Name()), data...), m); where != "" {
			t.Errorf("%s %s holds the marker: …%s…", when, d.Name(), where)
		}
		for _, piece := range packed {
			if bytes.Contains(data, piece) {
				t.Errorf("%s %s holds a piece of a packed credential or report", when, d.Name())
			}
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d files searched: %v", n, err)
	}
}

// gone asks for what was there, and finds that others lost nothing of theirs.
func gone(t *testing.T, p *passport, other *visitor, m, badge, session string) {
	t.Helper()
	old := p.visitor()
	old.setCookie("osier", session)
	old.get("/settings").is(t, 303)
	for _, path := range []string{"/@" + m, "/@" + strings.ToUpper(m), "/@" + m + "/feed.atom", "/@" + m + "/picture"} {
		other.get(path).is(t, 410)
	}
	for _, path := range []string{"/b/" + badge, "/b/" + badge + "/image", "/b/" + badge + "/card.png", "/b/" + badge + "/download/received", "/b/" + badge + "/verify", "/embed/b/" + badge} {
		other.get(path).is(t, 410)
	}
	p.visitor().post("/signup", "name", "Next", "handle", m, "address", "next@people.test", "password", "a long enough one").is(t, 422)
	p.visitor().post("/login", "address", m, "password", m+" secret").is(t, 422)
	p.visitor().post("/signup", "name", "Next", "handle", m+"-x", "address", "next@people.test", "password", "a long enough one").is(t, 422)
	if n := p.count(`SELECT count(*) FROM tombstone`); n != 2 {
		t.Errorf("%d tombstones", n)
	}
	if n := p.count(`SELECT count(*) FROM badge`); n != 1 {
		t.Errorf("%d badges are left of the others", n)
	}
	if n := p.count(`SELECT followers FROM source WHERE kind = 'person' AND object = $1`, other.person.ID) + p.count(`SELECT follows FROM person WHERE id = $1`, other.person.ID); n != 0 {
		t.Errorf("counters say %d", n)
	}
	other.get("/feed").is(t, 200)
	other.get("/settings/data").is(t, 200)
}
