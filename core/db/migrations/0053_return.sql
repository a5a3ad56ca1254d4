-- +goose Up

-- endorse: whoever is endorsed may come back with their archive. A place whose
-- endorsement went with the account of its holder, and was taken back by nobody, may
-- be stood on again by that one.
ALTER TABLE endorsement_place ADD COLUMN returns BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE endorsement_place DROP COLUMN returns;
