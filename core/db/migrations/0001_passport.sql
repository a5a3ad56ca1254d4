-- +goose Up

-- Site ----------------------------------------------------------------------
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- account: people and how they prove who they are ------------------------------
CREATE TABLE person (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    handle TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    about TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL DEFAULT 'member',
    language TEXT NOT NULL DEFAULT '',
    scheme TEXT NOT NULL DEFAULT 'auto',
    contrast TEXT NOT NULL DEFAULT 'auto',
    default_visibility TEXT NOT NULL DEFAULT 'private',
    picture TEXT NOT NULL DEFAULT '',
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    search TEXT NOT NULL DEFAULT '',
    follows BIGINT NOT NULL DEFAULT 0,
    density DOUBLE PRECISION NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX person_picture ON person(picture);

CREATE TABLE email (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person(id),
    address TEXT NOT NULL,
    address_key TEXT NOT NULL,
    is_primary BOOLEAN NOT NULL DEFAULT FALSE,
    confirmed_at BIGINT NOT NULL DEFAULT 0,
    confirmed_by TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX email_person ON email(person);
CREATE INDEX email_address ON email(address_key);
CREATE UNIQUE INDEX email_once ON email(person, address_key);
CREATE UNIQUE INDEX email_confirmed ON email(address_key) WHERE confirmed_at > 0;

CREATE TABLE email_token (
    token_hash BYTEA PRIMARY KEY,
    purpose TEXT NOT NULL,
    person BIGINT NOT NULL REFERENCES person(id),
    email BIGINT NOT NULL REFERENCES email(id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX email_token_person ON email_token(person);
CREATE INDEX email_token_email ON email_token(email);

CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person BIGINT NOT NULL REFERENCES person(id),
    provider TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_person ON identity(person);

CREATE TABLE password (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE session (
    token_hash BYTEA PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    device TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    fresh_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_person ON session(person);

CREATE TABLE oidc_state (
    state_hash BYTEA PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL DEFAULT '',
    person BIGINT NOT NULL DEFAULT 0,
    purpose TEXT NOT NULL DEFAULT 'sign-in',
    expires_at BIGINT NOT NULL
);

CREATE TABLE tombstone (
    public_id TEXT PRIMARY KEY,
    handle_hash BYTEA NOT NULL,
    erased_at BIGINT NOT NULL
);
CREATE INDEX tombstone_handle ON tombstone(handle_hash);

-- blob: bytes by the SHA-256 of their content -----------------------------------
CREATE TABLE blob (
    hash TEXT PRIMARY KEY,
    mime TEXT NOT NULL,
    data BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- badge: issuers, badge classes, held badges, imports, the ledger ------------------
CREATE TABLE issuer (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    wire_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    url TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    linkedin TEXT NOT NULL DEFAULT '',
    first_seen BIGINT NOT NULL
);

CREATE TABLE badge_class (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL UNIQUE,
    issuer BIGINT NOT NULL REFERENCES issuer(id),
    wire_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    criteria_url TEXT NOT NULL DEFAULT '',
    criteria TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    alignments TEXT NOT NULL DEFAULT '[]',
    thumbnail TEXT NOT NULL DEFAULT '',
    holders BIGINT NOT NULL DEFAULT 0,
    search TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX badge_class_holders ON badge_class(holders, id);
CREATE INDEX badge_class_issuer ON badge_class(issuer);
CREATE INDEX badge_class_thumbnail ON badge_class(thumbnail);

CREATE TABLE badge (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    class BIGINT NOT NULL REFERENCES badge_class(id),
    equality TEXT NOT NULL,
    wire_id TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL,
    form TEXT NOT NULL,
    carrier TEXT NOT NULL,
    received TEXT NOT NULL,
    filename TEXT NOT NULL DEFAULT '',
    credential BYTEA NOT NULL,
    thumbnail TEXT NOT NULL DEFAULT '',
    issued_to TEXT NOT NULL DEFAULT '',
    plain BOOLEAN NOT NULL DEFAULT FALSE,
    issued_at BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    evidence TEXT NOT NULL DEFAULT '[]',
    visibility TEXT NOT NULL DEFAULT 'private',
    link_secret TEXT NOT NULL DEFAULT '',
    show_name BOOLEAN NOT NULL DEFAULT TRUE,
    verdict TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    search TEXT NOT NULL DEFAULT '',
    published_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    UNIQUE (person, equality)
);
CREATE INDEX badge_mine ON badge(person, id);
CREATE INDEX badge_of_class ON badge(class, id, visibility);
CREATE INDEX badge_public ON badge(visibility, published_at, id);
CREATE INDEX badge_received ON badge(received);
CREATE INDEX badge_thumbnail ON badge(thumbnail);
CREATE INDEX badge_recheck ON badge(verified_at);

CREATE TABLE verification (
    id BIGINT PRIMARY KEY,
    badge BIGINT NOT NULL REFERENCES badge(id),
    at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    report TEXT NOT NULL
);
CREATE INDEX verification_badge ON verification(badge, id);

CREATE TABLE badge_import (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    state TEXT NOT NULL,
    received TEXT NOT NULL DEFAULT '',
    filename TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    checks TEXT NOT NULL DEFAULT '[]',
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    badge TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX badge_import_person ON badge_import(person, id);
CREATE INDEX badge_import_received ON badge_import(received);

-- social: what can be followed, who follows it, what people say ------------------
CREATE TABLE source (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    object BIGINT NOT NULL,
    followers BIGINT NOT NULL DEFAULT 0,
    events BIGINT NOT NULL DEFAULT 0,
    last_event BIGINT NOT NULL DEFAULT 0,
    UNIQUE (kind, object)
);

CREATE TABLE follow (
    follower BIGINT NOT NULL REFERENCES person(id),
    src BIGINT NOT NULL REFERENCES source(id),
    since BIGINT NOT NULL,
    PRIMARY KEY (follower, src)
) WITHOUT ROWID;
CREATE INDEX follow_src ON follow(src, follower);

CREATE TABLE comment (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    class BIGINT NOT NULL REFERENCES badge_class(id),
    person BIGINT NOT NULL REFERENCES person(id),
    body TEXT NOT NULL,
    hidden BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL
);
CREATE INDEX comment_class ON comment(class, id);
CREATE INDEX comment_person ON comment(person);

-- feed: events, and the sources each belongs to ------------------------------------
CREATE TABLE event (
    id BIGINT PRIMARY KEY,
    actor BIGINT NOT NULL REFERENCES person(id),
    verb TEXT NOT NULL,
    class BIGINT NOT NULL DEFAULT 0,
    badge BIGINT NOT NULL DEFAULT 0,
    object BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL
);
CREATE INDEX event_actor ON event(actor, id);
CREATE INDEX event_badge ON event(badge);
CREATE INDEX event_class ON event(class);
CREATE INDEX event_object ON event(verb, object);

CREATE TABLE event_src (
    src BIGINT NOT NULL REFERENCES source(id),
    ev BIGINT NOT NULL REFERENCES event(id),
    PRIMARY KEY (src, ev)
) WITHOUT ROWID;
CREATE INDEX event_src_ev ON event_src(ev);

CREATE TABLE feed_total (
    id BIGINT PRIMARY KEY,
    events BIGINT NOT NULL DEFAULT 0
);
INSERT INTO feed_total (id, events) VALUES (1, 0);

-- share: what plugins offer, and what was shared -----------------------------------
CREATE TABLE plugin (
    id TEXT PRIMARY KEY,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    changed_at BIGINT NOT NULL
);

CREATE TABLE share (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    badge BIGINT NOT NULL REFERENCES badge(id),
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL
);
CREATE INDEX share_person ON share(person, id);
CREATE INDEX share_badge ON share(badge);

-- floor: jobs, mail, limits -----------------------------------------------------------
CREATE TABLE job (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    unique_key TEXT,
    person BIGINT NOT NULL DEFAULT 0,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    failed BOOLEAN NOT NULL DEFAULT FALSE,
    last_error TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_key ON job(unique_key);
CREATE INDEX job_due ON job(failed, run_at);
CREATE INDEX job_person ON job(person);

CREATE TABLE job_period (
    name TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL
);

CREATE TABLE mail_outbox (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL DEFAULT 0,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL,
    template TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX mail_outbox_person ON mail_outbox(person);
CREATE INDEX mail_outbox_state ON mail_outbox(state, id);

CREATE TABLE rate (
    name TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    PRIMARY KEY (name, bucket)
);

-- +goose Down
DROP TABLE rate;
DROP TABLE mail_outbox;
DROP TABLE job_period;
DROP TABLE job;
DROP TABLE share;
DROP TABLE plugin;
DROP TABLE feed_total;
DROP TABLE event_src;
DROP TABLE event;
DROP TABLE comment;
DROP TABLE follow;
DROP TABLE source;
DROP TABLE badge_import;
DROP TABLE verification;
DROP TABLE badge;
DROP TABLE badge_class;
DROP TABLE issuer;
DROP TABLE blob;
DROP TABLE tombstone;
DROP TABLE oidc_state;
DROP TABLE session;
DROP TABLE password;
DROP TABLE identity;
DROP TABLE email_token;
DROP TABLE email;
DROP TABLE person;
DROP TABLE setting;
