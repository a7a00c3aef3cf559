-- Copies of a report that came by two ways are found by the UID that is derived for
-- both; and a receipt says for which facility the report was sent, whether it was taken with
-- a warning, and when the answer came.

-- +goose Up
CREATE INDEX reports_by_sop_instance ON reports (sop_instance) WHERE sop_instance <> '';
ALTER TABLE deliveries ADD COLUMN facility TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN warning INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN answered_at BIGINT NOT NULL DEFAULT 0;
UPDATE deliveries SET answered_at = delivered_at;

-- +goose Down
ALTER TABLE deliveries DROP COLUMN answered_at;
ALTER TABLE deliveries DROP COLUMN warning;
ALTER TABLE deliveries DROP COLUMN facility;
DROP INDEX reports_by_sop_instance;
