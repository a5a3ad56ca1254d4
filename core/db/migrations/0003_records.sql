-- +goose Up

-- badge: several badges that came in together, and the records (CLR) that badges came in ---
ALTER TABLE badge_import ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE badge_import ADD COLUMN record BIGINT NOT NULL DEFAULT 0;
CREATE INDEX badge_import_batch ON badge_import(person, batch);
CREATE INDEX badge_import_record ON badge_import(record);

CREATE TABLE badge_record (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person(id),
    received TEXT NOT NULL,
    carrier TEXT NOT NULL,
    filename TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    issuer TEXT NOT NULL DEFAULT '',
    verdict TEXT NOT NULL,
    report TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX badge_record_person ON badge_record(person);
CREATE INDEX badge_record_received ON badge_record(received);

ALTER TABLE badge ADD COLUMN record BIGINT NOT NULL DEFAULT 0;
CREATE INDEX badge_of_record ON badge(record);

-- +goose Down
DROP INDEX badge_of_record;
ALTER TABLE badge DROP COLUMN record;
DROP TABLE badge_record;
DROP INDEX badge_import_record;
DROP INDEX badge_import_batch;
ALTER TABLE badge_import DROP COLUMN record;
ALTER TABLE badge_import DROP COLUMN batch;
