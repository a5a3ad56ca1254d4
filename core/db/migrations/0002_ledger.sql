-- +goose Up

-- badge: what a verification rested on, the keys of issuers, when to ask again ----
ALTER TABLE badge ADD COLUMN next_check BIGINT NOT NULL DEFAULT 0;
ALTER TABLE badge ADD COLUMN valid_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE badge ADD COLUMN unreachable_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE badge ADD COLUMN told TEXT NOT NULL DEFAULT '';

-- Badges that are there already are checked over the coming ten days, spread by
-- their ids, and nobody is told of what they know.
UPDATE badge SET told = verdict,
    valid_at = COALESCE((SELECT max(v.at) FROM verification v WHERE v.badge = badge.id AND v.verdict = 'valid'), 0),
    unreachable_since = CASE WHEN verdict = 'unverifiable' THEN verified_at ELSE 0 END,
    next_check = verified_at + 302400000000 + (id % 1000003) * 604801 % 604800000000;

DROP INDEX badge_recheck;
CREATE INDEX badge_next_check ON badge(next_check);

CREATE TABLE verification_document (
    verification BIGINT NOT NULL REFERENCES verification(id),
    number BIGINT NOT NULL,
    url TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    role TEXT NOT NULL,
    blob TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (verification, number)
) WITHOUT ROWID;
CREATE INDEX verification_document_blob ON verification_document(blob);

CREATE TABLE issuer_key (
    issuer BIGINT NOT NULL REFERENCES issuer(id),
    thumbprint TEXT NOT NULL,
    key_id TEXT NOT NULL DEFAULT '',
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (issuer, thumbprint)
) WITHOUT ROWID;

CREATE TABLE host_health (
    host TEXT PRIMARY KEY,
    fails BIGINT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE badge_host (
    badge BIGINT NOT NULL REFERENCES badge(id),
    host TEXT NOT NULL,
    PRIMARY KEY (badge, host)
) WITHOUT ROWID;
CREATE INDEX badge_host_host ON badge_host(host);

CREATE TABLE criteria_copy (
    class BIGINT PRIMARY KEY REFERENCES badge_class(id),
    blob TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL DEFAULT 0,
    checked_at BIGINT NOT NULL,
    gone_since BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX criteria_copy_blob ON criteria_copy(blob);

-- +goose Down
DROP TABLE criteria_copy;
DROP TABLE badge_host;
DROP TABLE host_health;
DROP TABLE issuer_key;
DROP TABLE verification_document;
DROP INDEX badge_next_check;
CREATE INDEX badge_recheck ON badge(verified_at);
ALTER TABLE badge DROP COLUMN told;
ALTER TABLE badge DROP COLUMN unreachable_since;
ALTER TABLE badge DROP COLUMN valid_at;
ALTER TABLE badge DROP COLUMN next_check;
