-- +goose Up

-- badge: an import that ended well is looked for by its id and its person alone. Only the others are indexed by more.
DROP INDEX badge_import_person; -- badge_import_batch begins with the person
DROP INDEX badge_import_received;
CREATE INDEX badge_import_received ON badge_import(received) WHERE received <> '';
DROP INDEX badge_import_record;
CREATE INDEX badge_import_record ON badge_import(record) WHERE record > 0;
DROP INDEX badge_import_state;
CREATE INDEX badge_import_state ON badge_import(state, person) WHERE state = 'running' OR state = 'mismatch' OR state = 'refused';

-- badge: what a person shows is found among what they hold, in one index in place of two.
DROP INDEX badge_person_shown;
DROP INDEX badge_mine;
CREATE INDEX badge_mine ON badge(person, id, visibility);
-- badge: the newest are asked for of what is public.
DROP INDEX badge_public;
CREATE INDEX badge_public ON badge(published_at, id) WHERE visibility = 'public';

-- badge: the file that a badge is baked into is found by who holds it; the others keep bytes alive, whoever holds them.
DROP INDEX badge_received;
CREATE INDEX badge_received ON badge(substr(received, 1, 12)) WHERE NOT inline;
CREATE INDEX badge_brought ON badge(person, substr(received, 1, 12)) WHERE inline;

-- gallery: a badge comes in private, and is marked when others may see it. With a trigger SQLite copies every page that
-- an insert changes, to be able to undo it.
-- sqlite {
DROP TRIGGER search_badge_insert;
-- }
-- postgres {
DROP TRIGGER search_badge ON badge;
CREATE TRIGGER search_badge AFTER DELETE OR UPDATE OF visibility, verdict, unclaimed, show_name, class, person, removed_at ON badge
FOR EACH ROW EXECUTE FUNCTION search_mark_badge();
-- }

-- +goose Down
-- sqlite {
-- +goose StatementBegin
CREATE TRIGGER search_badge_insert AFTER INSERT ON badge WHEN NEW.visibility IN ('members', 'public')
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', NEW.class), ('person', NEW.person);
END;
-- +goose StatementEnd
-- }
-- postgres {
DROP TRIGGER search_badge ON badge;
CREATE TRIGGER search_badge AFTER INSERT OR DELETE OR UPDATE OF visibility, verdict, unclaimed, show_name, class, person, removed_at ON badge
FOR EACH ROW EXECUTE FUNCTION search_mark_badge();
-- }
DROP INDEX badge_brought;
DROP INDEX badge_received;
CREATE INDEX badge_received ON badge(substr(received, 1, 12));
DROP INDEX badge_public;
CREATE INDEX badge_public ON badge(visibility, published_at, id);
DROP INDEX badge_mine;
CREATE INDEX badge_mine ON badge(person, id);
CREATE INDEX badge_person_shown ON badge(person, visibility, id);
DROP INDEX badge_import_state;
CREATE INDEX badge_import_state ON badge_import(state, changed_at);
DROP INDEX badge_import_record;
CREATE INDEX badge_import_record ON badge_import(record);
DROP INDEX badge_import_received;
CREATE INDEX badge_import_received ON badge_import(received);
CREATE INDEX badge_import_person ON badge_import(person, id);
