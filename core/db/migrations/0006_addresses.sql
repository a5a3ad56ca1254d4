-- +goose Up

-- account: addresses that people gave up, as proofs that they controlled them ---------
CREATE TABLE address_proof (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person(id),
    address_hash TEXT NOT NULL,
    masked TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_from BIGINT NOT NULL,
    confirmed_until BIGINT NOT NULL
);
CREATE INDEX address_proof_person ON address_proof(person, address_hash);
CREATE INDEX address_proof_address ON address_proof(address_hash);

-- badge: the proof that stands for the address that a badge was issued to -------------
ALTER TABLE badge ADD COLUMN address_proof BIGINT NOT NULL DEFAULT 0;
CREATE INDEX badge_address_proof ON badge(address_proof);

-- badge: good badges issued to an address that is not (yet) their holder's ------------
ALTER TABLE badge ADD COLUMN unclaimed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX badge_unclaimed ON badge(person) WHERE unclaimed;
ALTER TABLE badge_import ADD COLUMN unclaimed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX badge_import_state ON badge_import(state, changed_at);

-- badge: copies that were joined when two accounts became one ------------------------
CREATE TABLE badge_alias (
    public_id TEXT PRIMARY KEY,
    badge TEXT NOT NULL,
    person BIGINT NOT NULL REFERENCES person(id),
    link_secret TEXT NOT NULL DEFAULT '',
    received TEXT NOT NULL,
    carrier TEXT NOT NULL,
    filename TEXT NOT NULL DEFAULT '',
    joined_at BIGINT NOT NULL
);
CREATE INDEX badge_alias_badge ON badge_alias(badge);
CREATE INDEX badge_alias_person ON badge_alias(person);
CREATE INDEX badge_alias_received ON badge_alias(received);

-- +goose Down
DROP TABLE badge_alias;
DROP INDEX badge_import_state;
ALTER TABLE badge_import DROP COLUMN unclaimed;
DROP INDEX badge_unclaimed;
ALTER TABLE badge DROP COLUMN unclaimed;
DROP INDEX badge_address_proof;
ALTER TABLE badge DROP COLUMN address_proof;
DROP TABLE address_proof;
