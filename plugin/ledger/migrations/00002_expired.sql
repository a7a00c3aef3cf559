-- A person may have what expired in an archive decided on again: by its source.

-- +goose Up
CREATE INDEX reports_expired ON reports (source, id) WHERE state = 'expired';

-- +goose Down
DROP INDEX reports_expired;
