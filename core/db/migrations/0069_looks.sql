-- +goose Up

-- profile: the parts of a profile in the person's own order, showcases among them, and its look.
-- Who arranged nothing has no row.
CREATE TABLE profile_block (
    person BIGINT NOT NULL REFERENCES person(id),
    name TEXT NOT NULL, -- of a part that every profile has, its kind
    kind TEXT NOT NULL, -- pinned, skills, badges, lately; showcases: tag, collection, chosen
    title TEXT NOT NULL DEFAULT '',
    of TEXT NOT NULL DEFAULT '', -- a folded tag, or the public id of a collection
    place BIGINT NOT NULL,
    hidden BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (person, name)
);
CREATE TABLE profile_block_badge (
    person BIGINT NOT NULL REFERENCES person(id),
    name TEXT NOT NULL,
    badge BIGINT NOT NULL REFERENCES badge(id),
    place BIGINT NOT NULL,
    PRIMARY KEY (person, name, badge)
);
CREATE INDEX profile_block_badge_of ON profile_block_badge(badge);
ALTER TABLE profile_choice ADD COLUMN style TEXT NOT NULL DEFAULT '';

-- page: the frame around it and the space in it, '' for those of the theme
ALTER TABLE page ADD COLUMN frame TEXT NOT NULL DEFAULT '';
ALTER TABLE page ADD COLUMN space TEXT NOT NULL DEFAULT '';

-- gallery: what is found in the order of its name, and badge classes in that of their issuers.
-- What stands already is folded by the engine until it is indexed again.
ALTER TABLE search_doc ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE search_doc ADD COLUMN maker TEXT NOT NULL DEFAULT '';
UPDATE search_doc SET name = (SELECT lower(c.name) FROM badge_class c WHERE c.id = object),
    maker = (SELECT lower(i.name) FROM badge_class c JOIN issuer i ON i.id = c.issuer WHERE c.id = object)
    WHERE kind = 'class' AND EXISTS (SELECT 1 FROM badge_class c WHERE c.id = object);
UPDATE search_doc SET name = (SELECT lower(p.name) FROM person p WHERE p.id = object) WHERE kind = 'person' AND EXISTS (SELECT 1 FROM person p WHERE p.id = object);
UPDATE search_doc SET name = (SELECT lower(i.name) FROM issuer i WHERE i.id = object) WHERE kind = 'issuer' AND EXISTS (SELECT 1 FROM issuer i WHERE i.id = object);
UPDATE search_doc SET name = (SELECT lower(g.title) FROM page g WHERE g.id = object) WHERE kind = 'page' AND EXISTS (SELECT 1 FROM page g WHERE g.id = object);
CREATE INDEX search_doc_name ON search_doc(kind, name, id);
CREATE INDEX search_doc_maker ON search_doc(kind, maker, name, id) WHERE kind = 'class';

-- +goose Down
DROP INDEX search_doc_maker;
DROP INDEX search_doc_name;
ALTER TABLE search_doc DROP COLUMN maker;
ALTER TABLE search_doc DROP COLUMN name;
ALTER TABLE page DROP COLUMN space;
ALTER TABLE page DROP COLUMN frame;
ALTER TABLE profile_choice DROP COLUMN style;
DROP TABLE profile_block_badge;
DROP TABLE profile_block;
