-- +goose Up

-- badge, page: random ids of what everybody saw until its account was removed. Their addresses
-- answer that they are gone for good, in place of not found.
CREATE TABLE badge_gone (public_id TEXT PRIMARY KEY);
CREATE TABLE page_gone (public_id TEXT PRIMARY KEY);

-- +goose Down
DROP TABLE page_gone;
DROP TABLE badge_gone;
