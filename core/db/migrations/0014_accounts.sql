-- +goose Up

-- share: accounts elsewhere that people connected ---------------------------------------
-- sealed opens only for this person, target and account (core/secret).
CREATE TABLE share_account (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    target TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL DEFAULT '',
    instance TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    scopes TEXT NOT NULL DEFAULT '',
    sealed BYTEA NOT NULL,
    token_expires_at BIGINT NOT NULL DEFAULT 0,
    refresh_until BIGINT NOT NULL DEFAULT 0, -- a lease: one process refreshes at a time
    connected_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL DEFAULT 0,
    UNIQUE (person, target, remote_id)
);

-- A connection that is being made: between the way out and the way back, and then
-- until the person said that the account is theirs.
CREATE TABLE share_connect (
    token_hash BYTEA PRIMARY KEY,
    session_hash BYTEA NOT NULL,
    person BIGINT NOT NULL REFERENCES person(id),
    target TEXT NOT NULL,
    stage TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX share_connect_person ON share_connect(person);
CREATE INDEX share_connect_expires ON share_connect(expires_at);

-- Our registration with one server of a service that many run.
CREATE TABLE share_app (
    target TEXT NOT NULL,
    instance TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (target, instance)
);

-- share: what is done for a person at a target --------------------------------------------
CREATE TABLE share_job (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    badge BIGINT NOT NULL REFERENCES badge(id),
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
CREATE INDEX share_job_person ON share_job(person, target, created_at);
CREATE INDEX share_job_badge ON share_job(badge, person, id);
CREATE INDEX share_job_target ON share_job(target, created_at);
CREATE INDEX share_job_account ON share_job(account);
CREATE INDEX share_job_created ON share_job(created_at);

-- share: what a person prefers of targets: the order, what is hidden, what they agreed to.
CREATE TABLE share_choice (
    person BIGINT NOT NULL REFERENCES person(id),
    target TEXT NOT NULL,
    place INTEGER NOT NULL DEFAULT 0,
    hidden BOOLEAN NOT NULL DEFAULT FALSE,
    agreed_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person, target)
);

-- share: what an administrator set for a plugin, and how much a target may be used.
CREATE TABLE plugin_setting (
    plugin TEXT PRIMARY KEY,
    sealed BYTEA NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE TABLE share_limit (
    target TEXT PRIMARY KEY,
    person_day INTEGER NOT NULL DEFAULT 0,
    month INTEGER NOT NULL DEFAULT 0,
    month_cents INTEGER NOT NULL DEFAULT 0
);


-- mydata: whether posts elsewhere go with an account.
ALTER TABLE erasure ADD COLUMN take_posts BOOLEAN NOT NULL DEFAULT FALSE;

-- mail: where an answer goes, for mail that a person has us send.
ALTER TABLE mail_outbox ADD COLUMN reply_to TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE mail_outbox DROP COLUMN reply_to;
ALTER TABLE erasure DROP COLUMN take_posts;
DROP TABLE share_limit;
DROP TABLE plugin_setting;
DROP TABLE share_choice;
DROP TABLE share_job;
DROP TABLE share_app;
DROP TABLE share_connect;
DROP TABLE share_account;
