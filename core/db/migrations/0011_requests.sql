-- +goose Up

-- request: links of people who ask what is held about their address -------------------
CREATE TABLE data_request (
    token_hash BYTEA PRIMARY KEY,
    address BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX data_request_expires ON data_request(expires_at);
CREATE INDEX badge_issued_to ON badge(lower(issued_to), id);
CREATE INDEX mail_outbox_recipient ON mail_outbox(lower(recipient));

-- +goose Down
DROP INDEX mail_outbox_recipient;
DROP INDEX badge_issued_to;
DROP TABLE data_request;
