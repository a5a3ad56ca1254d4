-- +goose Up

-- badge: the name of a credential is written short and its evidence stands in the credential alone; those of before are gone through once more.
UPDATE badge_packing SET after = 0, ended = FALSE;

-- badge: most credentials have the address that they were issued to as a hash, and are not found by it.
DROP INDEX badge_issued_to;
CREATE INDEX badge_issued_to ON badge(lower(issued_to), id) WHERE issued_to <> '';

-- +goose Down
DROP INDEX badge_issued_to;
CREATE INDEX badge_issued_to ON badge(lower(issued_to), id);
