-- For pages: what persons did, and reports of a kind that few devices are of.

-- +goose Up
CREATE INDEX events_of_persons ON events (id) WHERE caused_by LIKE 'person:%';
CREATE INDEX reports_by_kind ON reports (kind, received_at, id);

-- +goose Down
DROP INDEX reports_by_kind;
DROP INDEX events_of_persons;
