-- +goose Up

-- sign: keys with which the passport signs, for itself and for people; a private part is sealed
-- and gone once the key is replaced --------------------------------------------------------------
CREATE TABLE signing_key (
    id BIGINT PRIMARY KEY,
    holder TEXT NOT NULL,
    person BIGINT NOT NULL DEFAULT 0,
    public_key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX signing_key_holder ON signing_key(holder, created_at);
CREATE UNIQUE INDEX signing_key_current ON signing_key(holder) WHERE retired_at = 0;
CREATE INDEX signing_key_person ON signing_key(person) WHERE person <> 0;

CREATE TABLE signing_end (
    holder TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

-- endorse: who without an account was asked, what was asked for and what was said ----------------
CREATE TABLE outsider (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    address_mark TEXT NOT NULL UNIQUE,
    address BYTEA NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

CREATE TABLE outsider_stop (
    address_mark TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE TABLE endorsement (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    badge BIGINT NOT NULL REFERENCES badge(id),
    person BIGINT NOT NULL DEFAULT 0,
    outsider BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    request TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    skills TEXT NOT NULL DEFAULT '[]',
    token_hash BYTEA NOT NULL,
    token_until BIGINT NOT NULL DEFAULT 0,
    credential TEXT NOT NULL DEFAULT '',
    verdict TEXT NOT NULL DEFAULT '',
    checked_at BIGINT NOT NULL DEFAULT 0,
    asked_at BIGINT NOT NULL DEFAULT 0,
    written_at BIGINT NOT NULL DEFAULT 0,
    decided_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX endorsement_badge ON endorsement(badge);
CREATE UNIQUE INDEX endorsement_member ON endorsement(person, badge) WHERE person <> 0;
CREATE UNIQUE INDEX endorsement_outsider ON endorsement(outsider, badge) WHERE outsider <> 0;
CREATE UNIQUE INDEX endorsement_token ON endorsement(token_hash) WHERE outsider <> 0;
CREATE INDEX endorsement_until ON endorsement(token_until) WHERE outsider <> 0;
CREATE INDEX endorsement_checked ON endorsement(checked_at) WHERE state = 'accepted';

-- +goose Down
DROP TABLE endorsement;
DROP TABLE outsider_stop;
DROP TABLE outsider;
DROP TABLE signing_end;
DROP TABLE signing_key;
