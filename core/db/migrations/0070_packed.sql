-- +goose Up

-- badge: credentials and reports are kept packed (core/pack). What credentials of a class have in common is one row for all.
CREATE TABLE credential_part (
    id BIGINT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    data BYTEA NOT NULL
);
ALTER TABLE badge ADD COLUMN part BIGINT NOT NULL DEFAULT 0;
CREATE INDEX badge_part ON badge(part) WHERE part > 0;
-- badge: the file that it came as is its credential and nothing else, and is not kept a second time.
ALTER TABLE badge ADD COLUMN inline BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE verification ADD COLUMN packed BYTEA;

-- badge: how far the badges of before were packed.
CREATE TABLE badge_packing (
    id BIGINT PRIMARY KEY,
    after BIGINT NOT NULL DEFAULT 0,
    ended BOOLEAN NOT NULL DEFAULT FALSE
);
INSERT INTO badge_packing (id) VALUES (1);

-- badge: a hash is found by how it begins, which takes a third of the room; what most badges do not have is not indexed.
DROP INDEX badge_received;
CREATE INDEX badge_received ON badge(substr(received, 1, 12));
DROP INDEX badge_thumbnail;
CREATE INDEX badge_thumbnail ON badge(substr(thumbnail, 1, 12)) WHERE thumbnail <> '';
DROP INDEX badge_of_record;
CREATE INDEX badge_of_record ON badge(record) WHERE record > 0;
DROP INDEX badge_address_proof; -- nothing looks for it
DROP INDEX badge_expires;
CREATE INDEX badge_expires ON badge(expires_at) WHERE expires_at > 0;

-- sqlite {
-- +goose StatementBegin
CREATE TRIGGER credential_part_left AFTER UPDATE OF part ON badge WHEN OLD.part > 0 AND OLD.part <> NEW.part
BEGIN
    DELETE FROM credential_part WHERE id = OLD.part AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.part = OLD.part AND b.part > 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credential_part_gone AFTER DELETE ON badge WHEN OLD.part > 0
BEGIN
    DELETE FROM credential_part WHERE id = OLD.part AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.part = OLD.part AND b.part > 0);
END;
-- +goose StatementEnd
-- }

-- postgres {
-- +goose StatementBegin
CREATE FUNCTION credential_part_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM credential_part WHERE id = OLD.part AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.part = OLD.part AND b.part > 0);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER credential_part_left AFTER UPDATE OF part ON badge FOR EACH ROW WHEN (OLD.part > 0 AND OLD.part <> NEW.part) EXECUTE FUNCTION credential_part_left();
CREATE TRIGGER credential_part_gone AFTER DELETE ON badge FOR EACH ROW WHEN (OLD.part > 0) EXECUTE FUNCTION credential_part_left();
-- }

-- +goose Down
-- sqlite {
DROP TRIGGER credential_part_left;
DROP TRIGGER credential_part_gone;
-- }
-- postgres {
DROP TRIGGER credential_part_left ON badge;
DROP TRIGGER credential_part_gone ON badge;
DROP FUNCTION credential_part_left();
-- }
DROP INDEX badge_received;
CREATE INDEX badge_received ON badge(received);
DROP INDEX badge_thumbnail;
CREATE INDEX badge_thumbnail ON badge(thumbnail);
DROP INDEX badge_of_record;
CREATE INDEX badge_of_record ON badge(record);
DROP INDEX badge_address_proof;
CREATE INDEX badge_address_proof ON badge(address_proof);
DROP INDEX badge_expires;
CREATE INDEX badge_expires ON badge(expires_at);
DROP TABLE badge_packing;
ALTER TABLE verification DROP COLUMN packed;
ALTER TABLE badge DROP COLUMN inline;
DROP INDEX badge_part;
ALTER TABLE badge DROP COLUMN part;
DROP TABLE credential_part;
