-- The same report may lie in two sources: under one Orthanc ID, and for a registry
-- under one derived UID.

-- +goose Up
CREATE INDEX reports_by_orthanc_id ON reports (orthanc_id, received_at);
CREATE INDEX deliveries_by_uid ON deliveries (sent_sop_instance_uid, registry) WHERE sent_sop_instance_uid <> '';

-- +goose Down
DROP INDEX deliveries_by_uid;
DROP INDEX reports_by_orthanc_id;
