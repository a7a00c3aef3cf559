-- What is to be deleted in Orthanc is noted in the transaction that ends the
-- report's wait, and crossed out when it is deleted: a stop in between leaves
-- neither a report that nobody deletes nor one that is thought to be there.

-- +goose Up
CREATE TABLE deletions (
    report_id TEXT   NOT NULL PRIMARY KEY,
    source    TEXT   NOT NULL,
    received  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE deletions;
