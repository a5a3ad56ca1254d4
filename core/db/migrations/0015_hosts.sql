-- +goose Up

-- badge: the hosts of issuers that do not answer, as the administrator sees them --------
CREATE INDEX host_health_since ON host_health(since, host);

-- +goose Down
DROP INDEX host_health_since;
