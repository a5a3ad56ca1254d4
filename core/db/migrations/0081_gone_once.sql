-- +goose Up

-- gone: what badge_gone and page_gone held, in one place.
CREATE TABLE gone (mark TEXT PRIMARY KEY);
INSERT INTO gone (mark) SELECT public_id FROM badge_gone UNION SELECT public_id FROM page_gone;
DROP TABLE badge_gone;
DROP TABLE page_gone;

-- +goose Down
CREATE TABLE badge_gone (public_id TEXT PRIMARY KEY);
CREATE TABLE page_gone (public_id TEXT PRIMARY KEY);
INSERT INTO badge_gone (public_id) SELECT mark FROM gone;
INSERT INTO page_gone (public_id) SELECT mark FROM gone;
DROP TABLE gone;
