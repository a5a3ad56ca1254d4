-- +goose Up

-- account: sessions that a provider gave, roles of groups, who may join, a way in for who runs the server ---
ALTER TABLE person ADD COLUMN role_given TEXT NOT NULL DEFAULT 'member';
UPDATE person SET role_given = role;
ALTER TABLE identity ADD COLUMN role TEXT NOT NULL DEFAULT '';

CREATE TABLE oidc_session (
    session BYTEA PRIMARY KEY REFERENCES session(token_hash) ON DELETE CASCADE,
    person BIGINT NOT NULL REFERENCES person(id),
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    sid TEXT NOT NULL DEFAULT '',
    id_token BYTEA NOT NULL
);
CREATE INDEX oidc_session_person ON oidc_session(person);
CREATE INDEX oidc_session_subject ON oidc_session(issuer, subject);
CREATE INDEX oidc_session_sid ON oidc_session(issuer, sid);

CREATE TABLE gone_identity (
    identity_hash BYTEA PRIMARY KEY,
    erased_at BIGINT NOT NULL
);

CREATE TABLE entry (
    token_hash BYTEA PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person(id),
    expires_at BIGINT NOT NULL
);
CREATE INDEX entry_person ON entry(person);
CREATE INDEX entry_expires ON entry(expires_at);

CREATE TABLE invitation (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    secret_hash BYTEA NOT NULL UNIQUE,
    maker BIGINT NOT NULL REFERENCES person(id),
    note TEXT NOT NULL DEFAULT '',
    uses_max BIGINT NOT NULL,
    uses BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX invitation_maker ON invitation(maker, id);
CREATE INDEX invitation_expires ON invitation(expires_at);

CREATE TABLE invitation_use (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    invitation BIGINT NOT NULL REFERENCES invitation(id) ON DELETE CASCADE,
    used_at BIGINT NOT NULL
);
CREATE INDEX invitation_use_invitation ON invitation_use(invitation);

-- +goose Down
DROP TABLE invitation_use;
DROP TABLE invitation;
DROP TABLE entry;
DROP TABLE gone_identity;
DROP TABLE oidc_session;
ALTER TABLE identity DROP COLUMN role;
ALTER TABLE person DROP COLUMN role_given;
