-- +goose Up

-- account: passkeys, recovery codes, whether links by mail may sign in ----------
ALTER TABLE person ADD COLUMN by_mail BOOLEAN NOT NULL DEFAULT true;

CREATE TABLE passkey (
    credential BYTEA PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    site TEXT NOT NULL,
    user_handle BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    flags BIGINT NOT NULL,
    counter BIGINT NOT NULL,
    transports TEXT NOT NULL DEFAULT '',
    aaguid BYTEA NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL DEFAULT 0,
    doubted_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkey_person ON passkey(person);

CREATE TABLE recovery_code (
    person BIGINT NOT NULL REFERENCES person(id),
    code TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person, code)
) WITHOUT ROWID;

-- What can be used once, and was: it is forgotten when it would have ended.
CREATE TABLE spent (
    hash BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX spent_expires ON spent(expires_at);

-- mail: how many went to an address in the last hour, by a keyed hash of it -----
CREATE TABLE mail_pace (
    recipient TEXT PRIMARY KEY,
    sent BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX mail_pace_ends ON mail_pace(ends_at);

-- +goose Down
DROP TABLE mail_pace;
DROP TABLE spent;
DROP TABLE recovery_code;
DROP TABLE passkey;
ALTER TABLE person DROP COLUMN by_mail;
