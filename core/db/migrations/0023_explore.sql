-- +goose Up

-- gallery: what others may find, the words of it, and what it is sorted by --------------
CREATE TABLE search_doc (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    object BIGINT NOT NULL,
    public BIGINT NOT NULL,
    members BIGINT NOT NULL,
    at BIGINT NOT NULL,
    digest TEXT NOT NULL,
    words TEXT NOT NULL,
    UNIQUE (kind, object)
);
CREATE INDEX search_doc_public ON search_doc(kind, public, id);
CREATE INDEX search_doc_members ON search_doc(kind, members, id);
CREATE INDEX search_doc_at ON search_doc(kind, at, id);

CREATE TABLE search_word (
    word TEXT PRIMARY KEY,
    public BIGINT NOT NULL,
    members BIGINT NOT NULL
);

CREATE TABLE search_gram (
    gram TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (gram, word)
) WITHOUT ROWID;
CREATE INDEX search_gram_word ON search_gram(word);

CREATE TABLE facet (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    of TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    label TEXT NOT NULL,
    label_folded TEXT NOT NULL,
    scheme TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    public BIGINT NOT NULL DEFAULT 0,
    members BIGINT NOT NULL DEFAULT 0,
    UNIQUE (of, kind, value)
);
CREATE INDEX facet_public ON facet(of, kind, public, id);
CREATE INDEX facet_members ON facet(of, kind, members, id);
CREATE INDEX facet_scheme ON facet(scheme, label_folded, id);

CREATE TABLE facet_doc (
    doc BIGINT NOT NULL REFERENCES search_doc(id),
    facet BIGINT NOT NULL REFERENCES facet(id),
    public BIGINT NOT NULL,
    members BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (doc, facet)
) WITHOUT ROWID;
CREATE INDEX facet_doc_public ON facet_doc(facet, public, doc);
CREATE INDEX facet_doc_members ON facet_doc(facet, members, doc);
CREATE INDEX facet_doc_at ON facet_doc(facet, at, doc);

-- gallery: where people say that they are, and when they last looked around --------------
CREATE TABLE explore_place (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    country TEXT NOT NULL DEFAULT '',
    country_for TEXT NOT NULL DEFAULT 'public',
    latitude BIGINT NOT NULL DEFAULT 0,
    longitude BIGINT NOT NULL DEFAULT 0,
    spot_for TEXT NOT NULL DEFAULT 'private'
);
CREATE INDEX explore_place_spot ON explore_place(latitude, longitude, person);
CREATE INDEX explore_place_country ON explore_place(country, person);

CREATE TABLE explore_visit (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    before_at BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- gallery: what changed since it was indexed. The triggers below write it in the
-- transaction of whoever changes something; the index works it off.
CREATE TABLE search_mark (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    object BIGINT NOT NULL
);

CREATE INDEX badge_shown ON badge(class, visibility, person);

-- sqlite {
CREATE VIRTUAL TABLE search_index USING fts4(title, keys, body, tokenize=simple, prefix="2,3");

-- +goose StatementBegin
CREATE TRIGGER search_badge_insert AFTER INSERT ON badge WHEN NEW.visibility IN ('members', 'public')
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', NEW.class), ('person', NEW.person);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_badge_delete AFTER DELETE ON badge WHEN OLD.visibility IN ('members', 'public')
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', OLD.class), ('person', OLD.person);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_badge_update AFTER UPDATE OF visibility, verdict, unclaimed, show_name, class, person ON badge
WHEN (OLD.visibility IN ('members', 'public') OR NEW.visibility IN ('members', 'public'))
    AND (OLD.visibility <> NEW.visibility OR OLD.verdict <> NEW.verdict OR OLD.unclaimed <> NEW.unclaimed
        OR OLD.show_name <> NEW.show_name OR OLD.class <> NEW.class OR OLD.person <> NEW.person)
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', OLD.class), ('person', OLD.person);
    INSERT INTO search_mark (kind, object) SELECT 'class', NEW.class WHERE OLD.class <> NEW.class;
    INSERT INTO search_mark (kind, object) SELECT 'person', NEW.person WHERE OLD.person <> NEW.person;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_class_update AFTER UPDATE OF name, description, criteria, tags, alignments, issuer ON badge_class
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_class_delete AFTER DELETE ON badge_class
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', OLD.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_issuer_update AFTER UPDATE OF name ON issuer WHEN OLD.name <> NEW.name
BEGIN
    INSERT INTO search_mark (kind, object) SELECT 'class', c.id FROM badge_class c WHERE c.issuer = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_person_update AFTER UPDATE OF name, handle ON person WHEN OLD.name <> NEW.name OR OLD.handle <> NEW.handle
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('person', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_person_seen AFTER UPDATE OF profile, findable, under_age, hidden_at, disabled ON person
WHEN OLD.profile <> NEW.profile OR OLD.findable <> NEW.findable OR OLD.under_age <> NEW.under_age
    OR OLD.hidden_at <> NEW.hidden_at OR OLD.disabled <> NEW.disabled
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('person', NEW.id);
    INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.id AND b.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_place_insert AFTER INSERT ON explore_place
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('person', NEW.person);
    INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.person AND b.visibility IN ('members', 'public');
END;
-- +goose StatementEnd
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
ALTER TABLE search_mark ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
ALTER TABLE search_doc ADD COLUMN vector tsvector;
CREATE INDEX search_doc_vector ON search_doc USING gin (vector);

-- +goose StatementBegin
CREATE FUNCTION search_mark_badge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.visibility = NEW.visibility AND OLD.verdict = NEW.verdict AND OLD.unclaimed = NEW.unclaimed
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
CREATE TRIGGER search_badge AFTER INSERT OR DELETE OR UPDATE OF visibility, verdict, unclaimed, show_name, class, person ON badge
FOR EACH ROW EXECUTE FUNCTION search_mark_badge();

-- +goose StatementBegin
CREATE FUNCTION search_mark_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_mark (kind, object) VALUES ('class', OLD.id);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_class AFTER DELETE OR UPDATE OF name, description, criteria, tags, alignments, issuer ON badge_class
FOR EACH ROW EXECUTE FUNCTION search_mark_class();

-- +goose StatementBegin
CREATE FUNCTION search_mark_issuer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.name <> NEW.name THEN
        INSERT INTO search_mark (kind, object) SELECT 'class', c.id FROM badge_class c WHERE c.issuer = NEW.id;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_issuer AFTER UPDATE OF name ON issuer FOR EACH ROW EXECUTE FUNCTION search_mark_issuer();

-- +goose StatementBegin
CREATE FUNCTION search_mark_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.name <> NEW.name OR OLD.handle <> NEW.handle THEN
        INSERT INTO search_mark (kind, object) VALUES ('person', NEW.id);
    END IF;
    IF OLD.profile <> NEW.profile OR OLD.findable <> NEW.findable OR OLD.under_age <> NEW.under_age
        OR OLD.hidden_at <> NEW.hidden_at OR OLD.disabled <> NEW.disabled THEN
        INSERT INTO search_mark (kind, object) VALUES ('person', NEW.id);
        INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.id AND b.visibility IN ('members', 'public');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_person AFTER UPDATE OF name, handle, profile, findable, under_age, hidden_at, disabled ON person
FOR EACH ROW EXECUTE FUNCTION search_mark_person();

-- +goose StatementBegin
CREATE FUNCTION search_mark_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR OLD.country <> NEW.country OR OLD.country_for <> NEW.country_for THEN
        INSERT INTO search_mark (kind, object) VALUES ('person', NEW.person);
        INSERT INTO search_mark (kind, object) SELECT 'class', b.class FROM badge b WHERE b.person = NEW.person AND b.visibility IN ('members', 'public');
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER search_place AFTER INSERT OR UPDATE OF country, country_for ON explore_place
FOR EACH ROW EXECUTE FUNCTION search_mark_place();
-- }

INSERT INTO search_mark (kind, object) SELECT 'class', id FROM badge_class;
INSERT INTO search_mark (kind, object) SELECT 'person', id FROM person;

-- +goose Down
-- sqlite {
DROP TRIGGER search_place_update;
DROP TRIGGER search_place_insert;
DROP TRIGGER search_person_seen;
DROP TRIGGER search_person_update;
DROP TRIGGER search_issuer_update;
DROP TRIGGER search_class_delete;
DROP TRIGGER search_class_update;
DROP TRIGGER search_badge_update;
DROP TRIGGER search_badge_delete;
DROP TRIGGER search_badge_insert;
DROP TABLE search_index;
-- }
-- postgres {
DROP TRIGGER search_place ON explore_place;
DROP TRIGGER search_person ON person;
DROP TRIGGER search_issuer ON issuer;
DROP TRIGGER search_class ON badge_class;
DROP TRIGGER search_badge ON badge;
DROP FUNCTION search_mark_place;
DROP FUNCTION search_mark_person;
DROP FUNCTION search_mark_issuer;
DROP FUNCTION search_mark_class;
DROP FUNCTION search_mark_badge;
-- }
DROP INDEX badge_shown;
DROP TABLE search_mark;
DROP TABLE explore_visit;
DROP TABLE explore_place;
DROP TABLE facet_doc;
DROP TABLE facet;
DROP TABLE search_gram;
DROP TABLE search_word;
DROP TABLE search_doc;
