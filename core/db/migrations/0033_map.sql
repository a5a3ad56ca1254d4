-- +goose Up

-- gallery: a badge that is taken back or away again is counted again, and a place on the map is a value by which people are found too.
-- sqlite {
DROP TRIGGER search_badge_update;
-- +goose StatementBegin
CREATE TRIGGER search_badge_update AFTER UPDATE OF visibility, verdict, unclaimed, show_name, class, person, removed_at ON badge
WHEN (OLD.visibility IN ('members', 'public') OR NEW.visibility IN ('members', 'public'))
    AND (OLD.visibility <> NEW.visibility OR OLD.verdict <> NEW.verdict OR OLD.unclaimed <> NEW.unclaimed OR OLD.removed_at <> NEW.removed_at
        OR OLD.show_name <> NEW.show_name OR OLD.class <> NEW.class OR OLD.person <> NEW.person)
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', OLD.class), ('person', OLD.person);
    INSERT INTO search_mark (kind, object) SELECT 'class', NEW.class WHERE OLD.class <> NEW.class;
    INSERT INTO search_mark (kind, object) SELECT 'person', NEW.person WHERE OLD.person <> NEW.person;
END;
-- +goose StatementEnd
DROP TRIGGER search_place_update;
-- +goose StatementBegin
CREATE TRIGGER search_place_update AFTER UPDATE OF country, country_for, latitude, longitude, spot_for ON explore_place
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('person', NEW.person);
    INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.person AND b.visibility IN ('members', 'public')
        AND (OLD.country <> NEW.country OR OLD.country_for <> NEW.country_for);
END;
-- +goose StatementEnd
-- }

-- postgres {
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_mark_badge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.visibility = NEW.visibility AND OLD.verdict = NEW.verdict AND OLD.unclaimed = NEW.unclaimed AND OLD.removed_at = NEW.removed_at
        AND OLD.show_name = NEW.show_name AND OLD.class = NEW.class AND OLD.person = NEW.person THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.visibility IN ('members', 'public') THEN
        INSERT INTO search_mark (kind, object) VALUES ('class', OLD.class), ('person', OLD.person);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.visibility IN ('members', 'public') THEN
        INSERT INTO search_mark (kind, object) VALUES ('class', NEW.class), ('person', NEW.person);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER search_badge ON badge;
CREATE TRIGGER search_badge AFTER INSERT OR DELETE OR UPDATE OF visibility, verdict, unclaimed, show_name, class, person, removed_at ON badge
FOR EACH ROW EXECUTE FUNCTION search_mark_badge();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_mark_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('person', NEW.person);
    IF TG_OP = 'INSERT' OR OLD.country <> NEW.country OR OLD.country_for <> NEW.country_for THEN
        INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.person AND b.visibility IN ('members', 'public');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER search_place ON explore_place;
CREATE TRIGGER search_place AFTER INSERT OR UPDATE OF country, country_for, latitude, longitude, spot_for ON explore_place
FOR EACH ROW EXECUTE FUNCTION search_mark_place();
-- }

-- badge: what a person shows. Without it SQLite goes through all that is public.
CREATE INDEX badge_person_shown ON badge(person, visibility, id);

-- +goose Down
DROP INDEX badge_person_shown;
-- sqlite {
DROP TRIGGER search_badge_update;
-- +goose StatementBegin
CREATE TRIGGER search_badge_update AFTER UPDATE OF visibility, verdict, unclaimed, show_name, class, person ON badge
WHEN (OLD.visibility IN ('members', 'public') OR NEW.visibility IN ('members', 'public'))
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', OLD.class), ('person', OLD.person);
    INSERT INTO search_mark (kind, object) SELECT 'class', NEW.class WHERE OLD.class <> NEW.class;
    INSERT INTO search_mark (kind, object) SELECT 'person', NEW.person WHERE OLD.person <> NEW.person;
END;
-- +goose StatementEnd
DROP TRIGGER search_place_update;
-- +goose StatementBegin
CREATE TRIGGER search_place_update AFTER UPDATE OF country, country_for ON explore_place
WHEN OLD.country <> NEW.country OR OLD.country_for <> NEW.country_for
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('person', NEW.person);
    INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.person AND b.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
-- }
-- postgres {
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_mark_badge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.visibility IN ('members', 'public') THEN
        INSERT INTO search_mark (kind, object) VALUES ('class', OLD.class), ('person', OLD.person);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.visibility IN ('members', 'public') THEN
        INSERT INTO search_mark (kind, object) VALUES ('class', NEW.class), ('person', NEW.person);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER search_badge ON badge;
CREATE TRIGGER search_badge AFTER INSERT OR DELETE OR UPDATE OF visibility, verdict, unclaimed, show_name, class, person ON badge
FOR EACH ROW EXECUTE FUNCTION search_mark_badge();
DROP TRIGGER search_place ON explore_place;
CREATE TRIGGER search_place AFTER INSERT OR UPDATE OF country, country_for ON explore_place
FOR EACH ROW EXECUTE FUNCTION search_mark_place();
-- }
