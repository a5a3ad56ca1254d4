-- +goose Up

-- file: what people keep beside their badges. type is what the bytes are, found by
-- our own code; blob and thumbnail are hashes of bytes.
CREATE TABLE file (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size BIGINT NOT NULL,
    blob TEXT NOT NULL,
    thumbnail TEXT NOT NULL DEFAULT '',
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    search TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]', -- JSON, as they were written
    created_at BIGINT NOT NULL
);
CREATE INDEX file_person ON file(person, id);
CREATE INDEX file_blob ON file(blob);
CREATE INDEX file_thumbnail ON file(thumbnail);

-- file: words that a person finds files by.
CREATE TABLE file_tag (
    file BIGINT NOT NULL REFERENCES file(id),
    folded TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (file, folded)
);

-- +goose Down
DROP TABLE file_tag;
DROP TABLE file;
