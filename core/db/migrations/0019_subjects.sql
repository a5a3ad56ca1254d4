-- +goose Up

-- share: what is shared is a badge, or with subject '@' the person's profile. Both
-- tables are made anew, because SQLite cannot let a column be empty that could not.
ALTER TABLE share RENAME TO share_old;
CREATE TABLE share (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    badge BIGINT REFERENCES badge(id),
    subject TEXT NOT NULL DEFAULT '',
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL
);
INSERT INTO share (id, public_id, person, badge, target, state, detail, url, at)
    SELECT id, public_id, person, badge, target, state, detail, url, at FROM share_old;
DROP TABLE share_old;
CREATE INDEX share_person ON share(person, id);
CREATE INDEX share_badge ON share(badge);
CREATE INDEX share_subject ON share(person, subject, id);

ALTER TABLE share_job RENAME TO share_job_old;
CREATE TABLE share_job (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    badge BIGINT REFERENCES badge(id),
    subject TEXT NOT NULL DEFAULT '',
    target TEXT NOT NULL,
    account BIGINT REFERENCES share_account(id),
    state TEXT NOT NULL,
    unique_key TEXT NOT NULL,
    lang TEXT NOT NULL,
    body TEXT NOT NULL DEFAULT '',
    options TEXT NOT NULL DEFAULT '{}',
    turn INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT NOT NULL DEFAULT 0,
    pending TEXT NOT NULL DEFAULT '',
    remote_id TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    cost_cents INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL DEFAULT 0
);
INSERT INTO share_job (id, public_id, person, badge, target, account, state, unique_key, lang, body, options, turn, tries, looks, next_at, sent_at,
        pending, remote_id, url, reason, detail, cost_cents, created_at, done_at)
    SELECT id, public_id, person, badge, target, account, state, unique_key, lang, body, options, turn, tries, looks, next_at, sent_at,
        pending, remote_id, url, reason, detail, cost_cents, created_at, done_at FROM share_job_old;
DROP TABLE share_job_old;
CREATE INDEX share_job_person ON share_job(person, target, created_at);
CREATE INDEX share_job_badge ON share_job(badge, person, id);
CREATE INDEX share_job_subject ON share_job(person, subject, id);
CREATE INDEX share_job_target ON share_job(target, created_at);
CREATE INDEX share_job_account ON share_job(account);
CREATE INDEX share_job_created ON share_job(created_at);

-- +goose Down
DELETE FROM share WHERE subject <> '';
DELETE FROM share_job WHERE subject <> '';
DROP INDEX share_subject;
DROP INDEX share_job_subject;
ALTER TABLE share DROP COLUMN subject;
ALTER TABLE share_job DROP COLUMN subject;
