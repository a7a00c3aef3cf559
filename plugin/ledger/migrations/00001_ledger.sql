-- One text for SQLite and PostgreSQL: ids come from the program, times are
-- milliseconds since 1970 (0: none), and nothing here belongs to one of the two.

-- +goose Up
CREATE TABLE reports (
    id            TEXT   NOT NULL PRIMARY KEY,
    source        TEXT   NOT NULL,
    orthanc_id    TEXT   NOT NULL,
    seq           BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('held', 'accepted', 'expired', 'withdrawn')),
    reason_code   TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    station_name  TEXT   NOT NULL,
    template      TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    input         TEXT   NOT NULL,
    sop_instance  TEXT   NOT NULL,
    digest        TEXT   NOT NULL,
    received_at   BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    held_since    BIGINT NOT NULL,
    held_until    BIGINT NOT NULL,
    UNIQUE (source, orthanc_id),
    UNIQUE (id, state, received_at)
);

-- report_state and received_at are copies that the foreign key keeps true. With
-- them one index holds exactly what is due, in order of arrival, however many
-- reports wait in the holding area.
CREATE TABLE deliveries (
    report_id             TEXT    NOT NULL,
    registry              TEXT    NOT NULL,
    report_state          TEXT    NOT NULL,
    received_at           BIGINT  NOT NULL,
    state                 TEXT    NOT NULL CHECK (state IN ('queued', 'delivered', 'rejected')),
    edition               INTEGER NOT NULL,
    attempts              INTEGER NOT NULL,
    next_attempt_at       BIGINT  NOT NULL,
    last_error            TEXT    NOT NULL,
    queued_at             BIGINT  NOT NULL,
    delivered_at          BIGINT  NOT NULL,
    sent_sop_instance_uid TEXT    NOT NULL,
    sent_sha256           TEXT    NOT NULL,
    profile               TEXT    NOT NULL,
    status                INTEGER NOT NULL,
    failure_reason        INTEGER NOT NULL,
    object_count          INTEGER NOT NULL,
    PRIMARY KEY (report_id, registry),
    FOREIGN KEY (report_id, report_state, received_at)
        REFERENCES reports (id, state, received_at) ON UPDATE CASCADE
);

CREATE INDEX reports_by_arrival ON reports (received_at, id);
CREATE INDEX reports_by_state ON reports (state, received_at, id);
CREATE INDEX reports_held ON reports (state, id) WHERE state = 'held';
CREATE INDEX reports_by_station ON reports (station_name, received_at, id, state);
CREATE INDEX deliveries_by_state ON deliveries (state, received_at, report_id);
CREATE INDEX deliveries_due ON deliveries (registry, received_at, report_id, next_attempt_at)
    WHERE state = 'queued' AND report_state = 'accepted';
CREATE INDEX deliveries_next ON deliveries (registry, next_attempt_at)
    WHERE state = 'queued' AND report_state = 'accepted';
CREATE INDEX deliveries_waiting ON deliveries (state, report_id)
    WHERE state = 'queued' AND report_state = 'accepted';

CREATE TABLE events (
    id         TEXT   NOT NULL PRIMARY KEY,
    report_id  TEXT   NOT NULL,
    registry   TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    from_state TEXT   NOT NULL,
    to_state   TEXT   NOT NULL,
    why        TEXT   NOT NULL,
    caused_by  TEXT   NOT NULL
);
CREATE INDEX events_by_report ON events (report_id, id);

CREATE TABLE positions (
    source TEXT   NOT NULL PRIMARY KEY,
    seq    BIGINT NOT NULL
);

CREATE TABLE ignored (
    day       TEXT   NOT NULL,
    source    TEXT   NOT NULL,
    sender    TEXT   NOT NULL,
    station   TEXT   NOT NULL,
    sop_class TEXT   NOT NULL,
    count     BIGINT NOT NULL,
    PRIMARY KEY (day, source, sender, station, sop_class)
);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE settings;
DROP TABLE ignored;
DROP TABLE positions;
DROP TABLE events;
DROP TABLE deliveries;
DROP TABLE reports;
