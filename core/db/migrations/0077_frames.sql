-- +goose Up

-- badge: pictures that badges came in without the credential in them. Badges that were baked into one picture have one row for all, which goes with the last.
CREATE TABLE badge_frame (
    id BIGINT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    data BYTEA NOT NULL
);
ALTER TABLE badge ADD COLUMN frame BIGINT NOT NULL DEFAULT 0;
CREATE INDEX badge_framed ON badge(frame) WHERE frame > 0;

-- sqlite {
-- +goose StatementBegin
CREATE TRIGGER badge_frame_left AFTER UPDATE OF frame ON badge WHEN OLD.frame > 0 AND OLD.frame <> NEW.frame
BEGIN
    DELETE FROM badge_frame WHERE id = OLD.frame AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.frame = OLD.frame AND b.frame > 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER badge_frame_gone AFTER DELETE ON badge WHEN OLD.frame > 0
BEGIN
    DELETE FROM badge_frame WHERE id = OLD.frame AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.frame = OLD.frame AND b.frame > 0);
END;
-- +goose StatementEnd
-- }

-- postgres {
-- +goose StatementBegin
CREATE FUNCTION badge_frame_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM badge_frame WHERE id = OLD.frame AND NOT EXISTS (SELECT 1 FROM badge b WHERE b.frame = OLD.frame AND b.frame > 0);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER badge_frame_left AFTER UPDATE OF frame ON badge FOR EACH ROW WHEN (OLD.frame > 0 AND OLD.frame <> NEW.frame) EXECUTE FUNCTION badge_frame_left();
CREATE TRIGGER badge_frame_gone AFTER DELETE ON badge FOR EACH ROW WHEN (OLD.frame > 0) EXECUTE FUNCTION badge_frame_left();
-- }

-- +goose Down
-- sqlite {
DROP TRIGGER badge_frame_left;
DROP TRIGGER badge_frame_gone;
-- }
-- postgres {
DROP TRIGGER badge_frame_left ON badge;
DROP TRIGGER badge_frame_gone ON badge;
DROP FUNCTION badge_frame_left();
-- }
DROP INDEX badge_framed;
ALTER TABLE badge DROP COLUMN frame;
DROP TABLE badge_frame;
