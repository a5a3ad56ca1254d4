-- +goose Up

-- page: a person's arrangements of badges, text and files. rev grows with every
-- change; head_rev is that of title, style and tags, and each block has its own, so
-- that two tabs notice each other. version is the state that is shown.
CREATE TABLE page (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    title TEXT NOT NULL,
    style TEXT NOT NULL,
    visibility TEXT NOT NULL,
    link_secret TEXT NOT NULL DEFAULT '',
    password TEXT NOT NULL DEFAULT '', -- argon2id
    until BIGINT NOT NULL DEFAULT 0,
    rev BIGINT NOT NULL DEFAULT 1,
    head_rev BIGINT NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    published_at BIGINT NOT NULL DEFAULT 0,
    removed_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX page_person ON page(person, id);
CREATE INDEX page_removed ON page(removed_at) WHERE removed_at > 0;
CREATE INDEX page_public ON page(published_at, id) WHERE visibility = 'public' AND password = '' AND removed_at = 0;

-- page: what stands on it, in order. body is the words of a block as JSON.
CREATE TABLE page_block (
    page BIGINT NOT NULL REFERENCES page(id),
    id TEXT NOT NULL,
    place INTEGER NOT NULL,
    rev BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    file BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (page, id)
);
CREATE INDEX page_block_file ON page_block(file) WHERE file > 0;

-- page: the badges that were chosen for a block.
CREATE TABLE page_badge (
    page BIGINT NOT NULL REFERENCES page(id),
    block TEXT NOT NULL,
    badge BIGINT NOT NULL REFERENCES badge(id),
    place INTEGER NOT NULL,
    PRIMARY KEY (page, block, badge)
);
CREATE INDEX page_badge_badge ON page_badge(badge);

-- page: earlier states, the last ones.
CREATE TABLE page_version (
    page BIGINT NOT NULL REFERENCES page(id),
    number INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    what TEXT NOT NULL,
    at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (page, number)
);

CREATE TABLE page_tag (
    page BIGINT NOT NULL REFERENCES page(id),
    folded TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (page, folded)
);

-- +goose Down
DROP TABLE page_tag;
DROP TABLE page_version;
DROP TABLE page_badge;
DROP TABLE page_block;
DROP TABLE page;
