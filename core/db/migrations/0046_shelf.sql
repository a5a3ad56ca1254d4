-- +goose Up

-- badge: issuers in the order of the alphabet, the same on both engines. What stands already is
-- folded by the engine until the issuer or the note is written again.
ALTER TABLE issuer ADD COLUMN folded TEXT NOT NULL DEFAULT '';
UPDATE issuer SET folded = lower(name);

-- detail: notes are found by their words
ALTER TABLE badge_detail ADD COLUMN folded TEXT NOT NULL DEFAULT '';
UPDATE badge_detail SET folded = lower(note) WHERE note <> '';

-- endorse: the places of what was signed in the status list of who signed; one on which nothing
-- that is shown stands any more is revoked, and no place is given twice ---------------------------
CREATE TABLE endorsement_place (
    id BIGINT PRIMARY KEY,
    holder TEXT NOT NULL,
    person BIGINT NOT NULL DEFAULT 0,
    place BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX endorsement_place_once ON endorsement_place(holder, place);
CREATE INDEX endorsement_place_person ON endorsement_place(person) WHERE person <> 0;
ALTER TABLE endorsement ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX endorsement_on_place ON endorsement(place) WHERE place <> 0;

-- +goose Down
DROP INDEX endorsement_on_place;
ALTER TABLE endorsement DROP COLUMN place;
DROP TABLE endorsement_place;
ALTER TABLE badge_detail DROP COLUMN folded;
ALTER TABLE issuer DROP COLUMN folded;
