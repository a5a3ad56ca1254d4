-- +goose Up

-- connect: apps that act for people (RFC 6749), what each person allowed them, and their tokens.
CREATE TABLE oauth_client (
    id TEXT PRIMARY KEY, -- client_id
    known BOOLEAN NOT NULL, -- an administrator set it up; else it registered itself (RFC 7591)
    secret_hash BYTEA NOT NULL, -- empty for an app that can keep no secret
    name TEXT NOT NULL,
    metadata TEXT NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX oauth_client_unused ON oauth_client(used_at) WHERE NOT known;

-- One row for each time that somebody let an app in, on each of its devices: its code, then its tokens.
CREATE TABLE oauth_grant (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person(id),
    client TEXT NOT NULL REFERENCES oauth_client(id),
    scopes TEXT NOT NULL, -- with spaces between
    code_hash BYTEA NOT NULL UNIQUE,
    redirect TEXT NOT NULL, -- that the code went to
    challenge TEXT NOT NULL, -- S256 (RFC 7636)
    family_hash BYTEA, -- of the first half of all its refresh tokens
    refresh_hash BYTEA, -- of the one that counts
    created_at BIGINT NOT NULL,
    redeemed_at BIGINT NOT NULL DEFAULT 0, -- 0: the code was not used yet
    used_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX oauth_grant_person ON oauth_grant(person, client);
CREATE INDEX oauth_grant_client ON oauth_grant(client);
CREATE INDEX oauth_grant_ends ON oauth_grant(ends_at);
CREATE UNIQUE INDEX oauth_grant_family ON oauth_grant(family_hash) WHERE family_hash IS NOT NULL;

CREATE TABLE oauth_token (
    token_hash BYTEA PRIMARY KEY,
    allowed BIGINT NOT NULL REFERENCES oauth_grant(id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX oauth_token_allowed ON oauth_token(allowed);
CREATE INDEX oauth_token_ends ON oauth_token(ends_at);

-- +goose Down
DROP TABLE oauth_token;
DROP TABLE oauth_grant;
DROP TABLE oauth_client;
