-- +goose Up

-- badge: what expires: mails about it, and a calendar for programs ------------------
CREATE TABLE badge_reminder (
    badge BIGINT NOT NULL REFERENCES badge(id),
    term BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (badge, term, expires_at)
) WITHOUT ROWID;

CREATE TABLE calendar_feed (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    token_hash BYTEA NOT NULL UNIQUE,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE INDEX badge_expires ON badge(expires_at);

-- +goose Down
DROP INDEX badge_expires;
DROP TABLE calendar_feed;
DROP TABLE badge_reminder;
