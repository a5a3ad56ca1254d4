-- +goose Up

-- account: what people choose about themselves -----------------------------------
ALTER TABLE person ADD COLUMN profile TEXT NOT NULL DEFAULT 'public';
ALTER TABLE person ADD COLUMN findable BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE person ADD COLUMN under_age BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE person ADD COLUMN hidden_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE preference (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    time_zone TEXT NOT NULL DEFAULT '',
    follow_rule TEXT NOT NULL DEFAULT 'everyone',
    comment_rule TEXT NOT NULL DEFAULT 'members',
    mails_off TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    organisation TEXT NOT NULL DEFAULT '',
    links TEXT NOT NULL DEFAULT '',
    picture TEXT NOT NULL DEFAULT '',
    about_for TEXT NOT NULL DEFAULT 'public',
    picture_for TEXT NOT NULL DEFAULT 'public',
    place_for TEXT NOT NULL DEFAULT 'public',
    organisation_for TEXT NOT NULL DEFAULT 'public',
    links_for TEXT NOT NULL DEFAULT 'public'
);
CREATE INDEX preference_picture ON preference(picture);

CREATE TABLE old_handle (
    handle TEXT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person(id),
    left_at BIGINT NOT NULL
);
CREATE INDEX old_handle_person ON old_handle(person);

CREATE TABLE block (
    person BIGINT NOT NULL REFERENCES person(id),
    blocked BIGINT NOT NULL REFERENCES person(id),
    at BIGINT NOT NULL,
    PRIMARY KEY (person, blocked)
);
CREATE INDEX block_blocked ON block(blocked);

CREATE TABLE guardian (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    address TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX guardian_token ON guardian(token_hash);

-- account: terms and privacy texts, and who agreed to which --------------------------
CREATE TABLE legal_text (
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    asks BOOLEAN NOT NULL DEFAULT TRUE,
    effective_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, version, language)
);

CREATE TABLE consent (
    person BIGINT NOT NULL REFERENCES person(id),
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person, kind, version)
);

-- social: wishes to follow, and comments on a badge that somebody holds ---------------
CREATE TABLE follow_request (
    person BIGINT NOT NULL REFERENCES person(id),
    follower BIGINT NOT NULL REFERENCES person(id),
    at BIGINT NOT NULL,
    PRIMARY KEY (person, follower)
);
CREATE INDEX follow_request_follower ON follow_request(follower);

ALTER TABLE comment ADD COLUMN badge BIGINT NOT NULL DEFAULT 0;
CREATE INDEX comment_badge ON comment(badge, id);

-- badge: links that are given away -------------------------------------------------------
ALTER TABLE badge ADD COLUMN link_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE badge ADD COLUMN link_until BIGINT NOT NULL DEFAULT 0;
UPDATE badge SET link_at = created_at WHERE visibility = 'link';

CREATE TABLE link_hit (
    badge BIGINT NOT NULL REFERENCES badge(id),
    day BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    PRIMARY KEY (badge, day)
);

-- mail: where one kind of mail is stopped, and whom it names beside its recipient ----------------
ALTER TABLE mail_outbox ADD COLUMN unsubscribe TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_outbox ADD COLUMN about BIGINT NOT NULL DEFAULT 0;
CREATE INDEX mail_outbox_about ON mail_outbox(about);

-- +goose Down
DROP INDEX mail_outbox_about;
ALTER TABLE mail_outbox DROP COLUMN about;
ALTER TABLE mail_outbox DROP COLUMN unsubscribe;
DROP TABLE link_hit;
ALTER TABLE badge DROP COLUMN link_until;
ALTER TABLE badge DROP COLUMN link_at;
DROP INDEX comment_badge;
ALTER TABLE comment DROP COLUMN badge;
DROP TABLE follow_request;
DROP TABLE consent;
DROP TABLE legal_text;
DROP TABLE guardian;
DROP TABLE block;
DROP TABLE old_handle;
DROP INDEX preference_picture;
DROP TABLE preference;
ALTER TABLE person DROP COLUMN hidden_at;
ALTER TABLE person DROP COLUMN under_age;
ALTER TABLE person DROP COLUMN findable;
ALTER TABLE person DROP COLUMN profile;
