-- For several dosegates that share a ledger, and for pages that count without
-- looking at every report.

-- +goose Up

-- Who runs the loops, and since which generation. The one row is there from the
-- start, so that taking the lead is always the same statement.
CREATE TABLE lease (
    generation BIGINT  NOT NULL PRIMARY KEY,
    leader     TEXT    NOT NULL,
    held       INTEGER NOT NULL,
    beat       BIGINT  NOT NULL
);
INSERT INTO lease (generation, leader, held, beat) VALUES (0, '', 0, 0);

-- The wall clock as it was at the last write.
CREATE TABLE clock (
    written_at BIGINT NOT NULL
);
INSERT INTO clock (written_at) VALUES (0);

-- Registries that refuse us as a whole.
CREATE TABLE pauses (
    registry TEXT   NOT NULL PRIMARY KEY,
    until    BIGINT NOT NULL,
    refusals BIGINT NOT NULL,
    why      TEXT   NOT NULL
);

-- How many are in a state now: reports (registry '') by source and station,
-- deliveries by registry.
CREATE TABLE totals (
    source   TEXT   NOT NULL,
    station  TEXT   NOT NULL,
    registry TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (registry, source, station, state)
);

-- How many came into a state on a day, counted from 1970 in UTC.
CREATE TABLE daily (
    day      BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    station  TEXT   NOT NULL,
    registry TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (day, registry, source, station, state)
);

INSERT INTO totals (source, station, registry, state, count)
    SELECT source, station_name, '', state, COUNT(*) FROM reports GROUP BY source, station_name, state;
INSERT INTO totals (source, station, registry, state, count)
    SELECT '', '', registry, state, COUNT(*) FROM deliveries GROUP BY registry, state;
INSERT INTO daily (day, source, station, registry, state, count)
    SELECT e.at / 86400000, r.source, r.station_name, e.registry, e.to_state, COUNT(*)
    FROM events e JOIN reports r ON r.id = e.report_id
    WHERE e.from_state <> e.to_state AND e.to_state <> ''
    GROUP BY e.at / 86400000, r.source, r.station_name, e.registry, e.to_state;
INSERT INTO daily (day, source, station, registry, state, count)
    SELECT e.at / 86400000, r.source, r.station_name, '', 'seen', COUNT(*)
    FROM events e JOIN reports r ON r.id = e.report_id
    WHERE e.from_state = '' AND e.registry = ''
    GROUP BY e.at / 86400000, r.source, r.station_name;

-- Events keep their order also when the clock does not; older ones go by id.
ALTER TABLE events ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
DROP INDEX events_by_report;
CREATE INDEX events_by_report ON events (report_id, number, id);

-- What is not delivered is little, and counting it by station looks at no more.
CREATE INDEX deliveries_open ON deliveries (report_id, state, report_state) WHERE state IN ('queued', 'rejected');

-- +goose Down
DROP INDEX deliveries_open;
DROP INDEX events_by_report;
CREATE INDEX events_by_report ON events (report_id, id);
ALTER TABLE events DROP COLUMN number;
DROP TABLE daily;
DROP TABLE totals;
DROP TABLE pauses;
DROP TABLE clock;
DROP TABLE lease;
