-- +goose Up

-- badge: whether the name that others see beside a badge leads to the profile.
ALTER TABLE badge ADD COLUMN link_name BOOLEAN NOT NULL DEFAULT TRUE;

-- social: up to which comment the holder of a badge has read.
CREATE TABLE comment_seen (
    badge BIGINT PRIMARY KEY REFERENCES badge(id),
    last BIGINT NOT NULL
);

-- +goose Down
DROP TABLE comment_seen;
ALTER TABLE badge DROP COLUMN link_name;
