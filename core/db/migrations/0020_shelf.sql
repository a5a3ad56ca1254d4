-- +goose Up

-- badge: the holder's own order of their badges -----------------------------------
CREATE TABLE badge_tag (
    badge BIGINT NOT NULL REFERENCES badge(id),
    folded TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (badge, folded)
) WITHOUT ROWID;
CREATE INDEX badge_tag_folded ON badge_tag(folded, badge);

CREATE TABLE collection (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    name TEXT NOT NULL,
    place BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX collection_person ON collection(person, place);

CREATE TABLE collection_badge (
    collection BIGINT NOT NULL REFERENCES collection(id),
    badge BIGINT NOT NULL REFERENCES badge(id),
    place BIGINT NOT NULL,
    PRIMARY KEY (collection, badge)
) WITHOUT ROWID;
CREATE INDEX collection_badge_badge ON collection_badge(badge);

ALTER TABLE badge ADD COLUMN unseen BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE badge ADD COLUMN removed_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE badge DROP COLUMN removed_at;
ALTER TABLE badge DROP COLUMN unseen;
DROP TABLE collection_badge;
DROP TABLE collection;
DROP TABLE badge_tag;
