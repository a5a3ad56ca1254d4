-- +goose Up

-- gallery: pages are found too. What others may find of them is worked out by
-- core/gallery; the triggers say which page is to be looked at again.
CREATE INDEX page_until ON page(until, id) WHERE until > 0;
CREATE INDEX page_shown ON page(person, visibility, id);

-- sqlite {
-- +goose StatementBegin
CREATE TRIGGER search_page_insert AFTER INSERT ON page WHEN NEW.visibility IN ('members', 'public')
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('page', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_page_update AFTER UPDATE OF title, visibility, password, until, version, removed_at, person ON page
WHEN OLD.visibility IN ('members', 'public') OR NEW.visibility IN ('members', 'public')
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('page', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_page_delete AFTER DELETE ON page WHEN OLD.visibility IN ('members', 'public')
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('page', OLD.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_page_person AFTER UPDATE OF name, handle, profile, findable, under_age, hidden_at, disabled ON person
WHEN OLD.name <> NEW.name OR OLD.handle <> NEW.handle OR OLD.profile <> NEW.profile OR OLD.findable <> NEW.findable
    OR OLD.under_age <> NEW.under_age OR OLD.hidden_at <> NEW.hidden_at OR OLD.disabled <> NEW.disabled
BEGIN
    INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person = NEW.id AND g.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_page_place_insert AFTER INSERT ON explore_place
BEGIN
    INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person = NEW.person AND g.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_page_place_update AFTER UPDATE OF country, country_for, person ON explore_place
WHEN OLD.country <> NEW.country OR OLD.country_for <> NEW.country_for OR OLD.person <> NEW.person
BEGIN
    INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person IN (OLD.person, NEW.person) AND g.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_page_place_delete AFTER DELETE ON explore_place
BEGIN
    INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person = OLD.person AND g.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
-- }

-- postgres {
-- +goose StatementBegin
CREATE FUNCTION search_mark_page() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.visibility IN ('members', 'public') THEN
            INSERT INTO search_mark (kind, object) VALUES ('page', NEW.id);
        END IF;
    ELSIF OLD.visibility IN ('members', 'public') OR (TG_OP = 'UPDATE' AND NEW.visibility IN ('members', 'public')) THEN
        INSERT INTO search_mark (kind, object) VALUES ('page', OLD.id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_page AFTER INSERT OR DELETE OR UPDATE OF title, visibility, password, until, version, removed_at, person ON page
FOR EACH ROW EXECUTE FUNCTION search_mark_page();

-- +goose StatementBegin
CREATE FUNCTION search_mark_page_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.name <> NEW.name OR OLD.handle <> NEW.handle OR OLD.profile <> NEW.profile OR OLD.findable <> NEW.findable
        OR OLD.under_age <> NEW.under_age OR OLD.hidden_at <> NEW.hidden_at OR OLD.disabled <> NEW.disabled THEN
        INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person = NEW.id AND g.visibility IN ('members', 'public');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_page_person AFTER UPDATE OF name, handle, profile, findable, under_age, hidden_at, disabled ON person
FOR EACH ROW EXECUTE FUNCTION search_mark_page_person();

-- +goose StatementBegin
CREATE FUNCTION search_mark_page_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person = OLD.person AND g.visibility IN ('members', 'public');
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.person <> NEW.person) THEN
        INSERT INTO search_mark (kind, object) SELECT 'page', g.id FROM page g WHERE g.person = NEW.person AND g.visibility IN ('members', 'public');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_page_place AFTER INSERT OR DELETE OR UPDATE OF country, country_for, person ON explore_place
FOR EACH ROW EXECUTE FUNCTION search_mark_page_place();
-- }

INSERT INTO search_mark (kind, object) SELECT 'page', id FROM page WHERE visibility IN ('members', 'public');

-- +goose Down
-- sqlite {
DROP TRIGGER search_page_place_delete;
DROP TRIGGER search_page_place_update;
DROP TRIGGER search_page_place_insert;
DROP TRIGGER search_page_person;
DROP TRIGGER search_page_delete;
DROP TRIGGER search_page_update;
DROP TRIGGER search_page_insert;
-- }
-- postgres {
DROP TRIGGER search_page_place ON explore_place;
DROP TRIGGER search_page_person ON person;
DROP TRIGGER search_page ON page;
DROP FUNCTION search_mark_page_place;
DROP FUNCTION search_mark_page_person;
DROP FUNCTION search_mark_page;
-- }
DROP INDEX page_shown;
DROP INDEX page_until;
