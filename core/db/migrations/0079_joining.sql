-- +goose Up

-- account: what people answered to what the site asks them when they join ------------
CREATE TABLE answer (
    person BIGINT NOT NULL REFERENCES person(id),
    question TEXT NOT NULL,
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person, question)
) WITHOUT ROWID;

-- account: passwords that come from another passport. The hash is of what the other's
-- way makes of a password (old: its name, salt and work), until the person signs in.
ALTER TABLE password ADD COLUMN old TEXT NOT NULL DEFAULT '';
ALTER TABLE password ADD COLUMN old_work BIGINT NOT NULL DEFAULT 0;
CREATE INDEX password_old ON password(old_work) WHERE old_work > 0;

-- +goose Down
DROP INDEX password_old;
ALTER TABLE password DROP COLUMN old_work;
ALTER TABLE password DROP COLUMN old;
DROP TABLE answer;
