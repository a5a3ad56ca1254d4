-- +goose Up

-- share: the order of targets on the share page, once an administrator changed it.
CREATE TABLE share_order (
    target TEXT PRIMARY KEY,
    place INTEGER NOT NULL
);

-- +goose Down
DROP TABLE share_order;
