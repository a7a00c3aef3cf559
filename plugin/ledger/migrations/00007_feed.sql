-- What the last line of a feed was that was read: another one under its number
-- means that Orthanc has another database.

-- +goose Up
ALTER TABLE positions ADD COLUMN mark TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE positions DROP COLUMN mark;
