-- What persons did, for the page that shows it.

-- +goose Up
CREATE INDEX events_of_persons ON events (id) WHERE caused_by LIKE 'person:%';

-- +goose Down
DROP INDEX events_of_persons;
