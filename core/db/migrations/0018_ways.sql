-- +goose Up

-- account: sessions that a link of whoever runs the server began -------------------------
ALTER TABLE session ADD COLUMN by_server BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE session DROP COLUMN by_server;
