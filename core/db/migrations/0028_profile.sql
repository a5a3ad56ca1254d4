-- +goose Up

-- profile: where a person is found elsewhere, and to whom each is shown
CREATE TABLE profile_field (
    person BIGINT NOT NULL REFERENCES person(id),
    kind TEXT NOT NULL, -- email, phone, matrix, mastodon, bluesky, orcid, github
    value TEXT NOT NULL,
    audience TEXT NOT NULL,
    PRIMARY KEY (person, kind)
);

-- profile: what an address that a person names says of the profile (rel="me")
CREATE TABLE profile_link (
    person BIGINT NOT NULL REFERENCES person(id),
    url TEXT NOT NULL,
    checked_at BIGINT NOT NULL DEFAULT 0,
    verified_at BIGINT NOT NULL DEFAULT 0, -- when the page last led back here; 0: it does not
    next_check BIGINT NOT NULL,
    PRIMARY KEY (person, url)
);
CREATE INDEX profile_link_due ON profile_link(next_check);

-- profile: badges that stand first, by the person's choice
CREATE TABLE profile_pin (
    person BIGINT NOT NULL REFERENCES person(id),
    badge BIGINT NOT NULL REFERENCES badge(id),
    place INTEGER NOT NULL,
    PRIMARY KEY (person, badge)
);
CREATE INDEX profile_pin_badge ON profile_pin(badge);

-- profile: what machines may read in one piece
CREATE TABLE profile_choice (
    person BIGINT PRIMARY KEY REFERENCES person(id),
    credentials BOOLEAN NOT NULL DEFAULT FALSE
);

-- +goose Down
DROP TABLE profile_choice;
DROP TABLE profile_pin;
DROP TABLE profile_link;
DROP TABLE profile_field;
