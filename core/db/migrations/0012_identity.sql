-- +goose Up

-- badge: what came in by itself, and its holder has not been told of ---------------------
ALTER TABLE badge ADD COLUMN news BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE badge_import ADD COLUMN waited BOOLEAN NOT NULL DEFAULT FALSE;

-- account: of which group a role came, and when the provider last said so ----------------
ALTER TABLE identity ADD COLUMN role_group TEXT NOT NULL DEFAULT '';
ALTER TABLE identity ADD COLUMN role_at BIGINT NOT NULL DEFAULT 0;

-- account: what a handle looks like ------------------------------------------------------
ALTER TABLE person ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
ALTER TABLE old_handle ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
UPDATE person SET skeleton = replace(replace(replace(replace(replace(replace(handle, 'rn', 'm'), 'vv', 'w'), '0', 'o'), '1', 'l'), 'i', 'l'), '_', '-');
UPDATE old_handle SET skeleton = replace(replace(replace(replace(replace(replace(handle, 'rn', 'm'), 'vv', 'w'), '0', 'o'), '1', 'l'), 'i', 'l'), '_', '-');
CREATE INDEX person_skeleton ON person(skeleton);
CREATE INDEX old_handle_skeleton ON old_handle(skeleton);

-- +goose Down
DROP INDEX old_handle_skeleton;
DROP INDEX person_skeleton;
ALTER TABLE old_handle DROP COLUMN skeleton;
ALTER TABLE person DROP COLUMN skeleton;
ALTER TABLE identity DROP COLUMN role_at;
ALTER TABLE identity DROP COLUMN role_group;
ALTER TABLE badge_import DROP COLUMN waited;
ALTER TABLE badge DROP COLUMN news;
