-- +goose Up

-- detail: what holders add to a badge, and how often others look at it ---------------------------
CREATE TABLE badge_detail (
    badge BIGINT PRIMARY KEY REFERENCES badge(id),
    note TEXT NOT NULL DEFAULT '',
    rating BIGINT NOT NULL DEFAULT 0,
    place TEXT NOT NULL DEFAULT '',
    place_shown BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE badge_evidence (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    badge BIGINT NOT NULL REFERENCES badge(id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    file BIGINT NOT NULL DEFAULT 0,
    shown BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX badge_evidence_badge ON badge_evidence(badge, id);
CREATE INDEX badge_evidence_file ON badge_evidence(file) WHERE file <> 0;

CREATE TABLE badge_view (
    badge BIGINT NOT NULL REFERENCES badge(id),
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    hits BIGINT NOT NULL,
    PRIMARY KEY (badge, day, kind)
);

-- social: who congratulated whom -----------------------------------------------------------------
CREATE TABLE congratulation (
    badge BIGINT NOT NULL REFERENCES badge(id),
    person BIGINT NOT NULL REFERENCES person(id),
    at BIGINT NOT NULL,
    PRIMARY KEY (badge, person)
);
CREATE INDEX congratulation_person ON congratulation(person);

-- report: what people found wrong, for administrators --------------------------------------------
CREATE TABLE report (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    badge BIGINT NOT NULL REFERENCES badge(id),
    person BIGINT NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open',
    at BIGINT NOT NULL,
    decided_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX report_state ON report(state, id);
CREATE INDEX report_badge ON report(badge);
CREATE UNIQUE INDEX report_once ON report(person, badge) WHERE person <> 0;

-- +goose Down
DROP TABLE report;
DROP TABLE congratulation;
DROP TABLE badge_view;
DROP TABLE badge_evidence;
DROP TABLE badge_detail;
