-- +goose Up

-- detail: what a class is worth to its holders is read by the class, not by going through all who hold it.
ALTER TABLE badge_detail ADD COLUMN class BIGINT NOT NULL DEFAULT 0;
UPDATE badge_detail SET class = (SELECT b.class FROM badge b WHERE b.id = badge_detail.badge);
CREATE INDEX badge_detail_rated ON badge_detail(class, badge) WHERE rating > 0;
-- sqlite {
-- +goose StatementBegin
CREATE TRIGGER badge_detail_class AFTER UPDATE OF class ON badge WHEN OLD.class <> NEW.class
BEGIN
    UPDATE badge_detail SET class = NEW.class WHERE badge = NEW.id;
END;
-- +goose StatementEnd
-- }
-- postgres {
-- +goose StatementBegin
CREATE FUNCTION badge_detail_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE badge_detail SET class = NEW.class WHERE badge = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER badge_detail_class AFTER UPDATE OF class ON badge FOR EACH ROW WHEN (OLD.class <> NEW.class) EXECUTE FUNCTION badge_detail_class();
-- }

-- +goose Down
-- sqlite {
DROP TRIGGER badge_detail_class;
-- }
-- postgres {
DROP TRIGGER badge_detail_class ON badge;
DROP FUNCTION badge_detail_class();
-- }
DROP INDEX badge_detail_rated;
ALTER TABLE badge_detail DROP COLUMN class;
