-- +goose Up

-- mydata: how many posts elsewhere were taken back for somebody who left, and how many
-- their sites would not take back
ALTER TABLE erasure ADD COLUMN posts_taken BIGINT NOT NULL DEFAULT 0;
ALTER TABLE erasure ADD COLUMN posts_left BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE erasure DROP COLUMN posts_left;
ALTER TABLE erasure DROP COLUMN posts_taken;
