-- What is wholly delivered may be deleted in its gateway after a time. The time
-- counts from the last delivery and from the last change that brought the
-- report; and what is deleted has to be what was sent, so a delivery keeps its
-- digest. Rows from before have none, and stay.

-- +goose Up
ALTER TABLE reports ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN cleared_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN sent_digest TEXT NOT NULL DEFAULT '';
UPDATE reports SET last_seen_at = first_seen_at;
CREATE INDEX reports_to_clear ON reports (source, last_seen_at, id) WHERE state = 'accepted' AND cleared_at = 0;

-- +goose Down
DROP INDEX reports_to_clear;
ALTER TABLE deliveries DROP COLUMN sent_digest;
ALTER TABLE reports DROP COLUMN cleared_at;
ALTER TABLE reports DROP COLUMN last_seen_at;
