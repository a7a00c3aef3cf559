-- Whose marks in Orthanc are still to be written. The note is made in the transaction
-- that changes the report, so that no stop in between leaves a mark that is wrong.

-- +goose Up
CREATE TABLE unmarked (
    report_id TEXT   NOT NULL PRIMARY KEY,
    source    TEXT   NOT NULL,
    changes   BIGINT NOT NULL
);
CREATE INDEX unmarked_by_source ON unmarked (source, report_id);

-- +goose Down
DROP TABLE unmarked;
