-- +goose Up

-- account: whether anybody is an administrator is asked at each start.
CREATE INDEX person_admin ON person(role) WHERE role = 'admin';

-- db: what several processes count the changes of what is shown by, so that each knows when a page that it keeps is old.
-- postgres {
CREATE SEQUENCE change_seq;
-- }

-- +goose Down
DROP INDEX person_admin;
-- postgres {
DROP SEQUENCE change_seq;
-- }
