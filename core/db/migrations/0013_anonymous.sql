-- +goose Up

-- badge: badges of strangers from which their identity was removed, with a keyed hash of what they were ---
ALTER TABLE badge ADD COLUMN anonymised_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE badge ADD COLUMN credential_mark TEXT NOT NULL DEFAULT '';

-- account: guardians by their address, for who asks what is held about it ---
CREATE INDEX guardian_address ON guardian(lower(address));

-- +goose Down
DROP INDEX guardian_address;
ALTER TABLE badge DROP COLUMN credential_mark;
ALTER TABLE badge DROP COLUMN anonymised_at;
