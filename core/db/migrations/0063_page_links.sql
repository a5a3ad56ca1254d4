-- +goose Up

-- page: since when its secret link is there, and how often others opened it.
ALTER TABLE page ADD COLUMN link_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page ADD COLUMN link_hits BIGINT NOT NULL DEFAULT 0;
UPDATE page SET link_at = changed_at WHERE visibility = 'link';

-- +goose Down
ALTER TABLE page DROP COLUMN link_hits;
ALTER TABLE page DROP COLUMN link_at;
