-- +goose Up

-- badge: many at once, with a way back; reminders; a calendar for programs ----------
CREATE TABLE badge_change (
    id BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    person BIGINT NOT NULL REFERENCES person(id),
    action TEXT NOT NULL,
    value TEXT NOT NULL DEFAULT '',
    badges BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL,
    until BIGINT NOT NULL
);
CREATE INDEX badge_change_person ON badge_change(person, id);
CREATE INDEX badge_change_until ON badge_change(until);

CREATE TABLE badge_change_row (
    change BIGINT NOT NULL REFERENCES badge_change(id),
    badge BIGINT NOT NULL REFERENCES badge(id),
    before TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (change, badge)
) WITHOUT ROWID;
CREATE INDEX badge_change_row_badge ON badge_change_row(badge);

-- +goose Down
DROP TABLE badge_change_row;
DROP TABLE badge_change;
