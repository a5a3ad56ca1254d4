-- +goose Up

-- mydata: exports and archives that come in, in sealed pieces; what an archive holds; erasures ---
CREATE TABLE data_task (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    step TEXT NOT NULL DEFAULT '',
    done BIGINT NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    size BIGINT NOT NULL DEFAULT 0,
    link_hash TEXT NOT NULL DEFAULT '',
    choices TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX data_task_person ON data_task(person, kind, id);
CREATE INDEX data_task_expires ON data_task(expires_at);

CREATE TABLE data_part (
    task BIGINT NOT NULL REFERENCES data_task(id),
    number BIGINT NOT NULL,
    start BIGINT NOT NULL,
    size BIGINT NOT NULL,
    data BYTEA NOT NULL,
    entries BYTEA NOT NULL,
    PRIMARY KEY (task, number)
);

CREATE TABLE data_item (
    task BIGINT NOT NULL REFERENCES data_task(id),
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (task, number)
);
CREATE INDEX data_item_state ON data_item(task, kind, state, number);

CREATE TABLE erasure (
    receipt TEXT PRIMARY KEY,
    person BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    step TEXT NOT NULL DEFAULT '',
    keep_comments BOOLEAN NOT NULL DEFAULT FALSE,
    counts TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX erasure_person ON erasure(person);

-- social: that a comment stood here, without its words and its author ---
CREATE TABLE comment_gap (
    id BIGINT PRIMARY KEY,
    class BIGINT NOT NULL REFERENCES badge_class(id),
    at BIGINT NOT NULL
);
CREATE INDEX comment_gap_class ON comment_gap(class, id);

-- +goose Down
DROP TABLE comment_gap;
DROP TABLE erasure;
DROP TABLE data_item;
DROP TABLE data_part;
DROP TABLE data_task;
