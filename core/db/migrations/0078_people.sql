-- +goose Up

-- account: by which words administrators find a person, and on which day (UTC) the person was here last.
-- postgres {
ALTER TABLE person ALTER COLUMN search TYPE TEXT COLLATE "C";
ALTER TABLE email ALTER COLUMN address_key TYPE TEXT COLLATE "C";
ALTER TABLE email ADD COLUMN domain TEXT COLLATE "C" GENERATED ALWAYS AS (substr(address_key, strpos(address_key, '@'))) STORED;
CREATE TABLE person_word (
    person BIGINT NOT NULL REFERENCES person(id),
    word TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (word, person)
);
-- }
-- sqlite {
ALTER TABLE email ADD COLUMN domain TEXT GENERATED ALWAYS AS (substr(address_key, instr(address_key, '@'))) VIRTUAL;
CREATE TABLE person_word (
    person BIGINT NOT NULL REFERENCES person(id),
    word TEXT NOT NULL,
    PRIMARY KEY (word, person)
) WITHOUT ROWID;
-- }
CREATE INDEX person_word_person ON person_word(person);
-- sqlite {
INSERT INTO person_word (person, word)
    WITH RECURSIVE split(person, word, rest) AS (
        SELECT id, '', replace(replace(replace(replace(replace(search, '-', ' '), '.', ' '), ',', ' '), '''', ' '), '’', ' ') || ' ' || handle || ' ' FROM person
        UNION ALL
        SELECT person, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM split WHERE rest <> ''
    )
    SELECT DISTINCT person, word FROM split WHERE word <> '';
-- }
-- postgres {
INSERT INTO person_word (person, word)
    WITH RECURSIVE split(person, word, rest) AS (
        SELECT id, '' COLLATE "C", replace(replace(replace(replace(replace(search, '-', ' '), '.', ' '), ',', ' '), '''', ' '), '’', ' ') || ' ' || handle || ' ' FROM person
        UNION ALL
        SELECT person, substr(rest, 1, strpos(rest, ' ') - 1), substr(rest, strpos(rest, ' ') + 1) FROM split WHERE rest <> ''
    )
    SELECT DISTINCT person, word FROM split WHERE word <> '';
-- }

CREATE TABLE person_day (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    day BIGINT NOT NULL
);
INSERT INTO person_day (person, day)
    SELECT id, COALESCE((SELECT max(s.seen_at) FROM session s WHERE s.person = person.id), 0) / 86400000000 * 86400000000 FROM person;
CREATE INDEX person_day_day ON person_day(day, person);

CREATE INDEX person_search ON person(search, id);
CREATE INDEX person_disabled ON person(disabled, id) WHERE disabled = TRUE;
CREATE INDEX person_under_age ON person(under_age, id) WHERE under_age = TRUE;
CREATE INDEX email_domain ON email(domain, person);
CREATE INDEX email_waits ON email(confirmed_at, person) WHERE confirmed_at = 0;
CREATE INDEX identity_provider ON identity(provider, person);

-- people: what administrators did to whom, and who is to be removed on which day.
CREATE TABLE admin_act (
    id BIGINT PRIMARY KEY,
    actor BIGINT NOT NULL DEFAULT 0,
    way TEXT NOT NULL,
    subject BIGINT NOT NULL DEFAULT 0,
    kind TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL
);
CREATE INDEX admin_act_actor ON admin_act(actor, id);
CREATE INDEX admin_act_subject ON admin_act(subject, id);
CREATE TABLE removal (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    due_at BIGINT NOT NULL,
    told BOOLEAN NOT NULL
);
CREATE INDEX removal_due ON removal(due_at, person);

-- +goose Down
DROP TABLE removal;
DROP TABLE admin_act;
DROP INDEX identity_provider;
DROP INDEX email_waits;
DROP INDEX email_domain;
DROP INDEX person_under_age;
DROP INDEX person_disabled;
DROP INDEX person_search;
DROP TABLE person_day;
DROP TABLE person_word;
ALTER TABLE email DROP COLUMN domain;
-- postgres {
ALTER TABLE email ALTER COLUMN address_key TYPE TEXT COLLATE "default";
ALTER TABLE person ALTER COLUMN search TYPE TEXT COLLATE "default";
-- }
