-- Devices of every protocol: more alarms, wearing and health values, terminals that speak TCP, and
-- down-link commands (docs/wire/commands-v1.md).

-- Alarms of every device protocol: more names than 31 bits hold (firmware_protocols/alarm.py).
ALTER TABLE position_report ALTER COLUMN alarms TYPE bigint;
ALTER TABLE latest_position ALTER COLUMN alarms TYPE bigint;

-- Sensitive personal information (PIPL Art. 28): kept with the report, read by nobody yet.
ALTER TABLE position_report
  ADD COLUMN skin_contact        boolean,
  ADD COLUMN heart_rate_bpm      smallint,
  ADD COLUMN skin_temperature_cc int,                -- 1/100 degree Celsius
  ADD COLUMN steps               int;

-- A track is places and times: columns by name, so that no health value comes along.
DROP FUNCTION track(text, timestamptz, timestamptz, int);
CREATE FUNCTION track(of_subject text, from_time timestamptz, to_time timestamptz, most int)
RETURNS TABLE (device_id text, fix_time timestamptz, lon_e7 int, lat_e7 int, accuracy_mm int,
               speed_mmps int, backlog boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT device_id, fix_time, lon_e7, lat_e7, accuracy_mm, speed_mmps, backlog
  FROM position_report
  WHERE holder_kind = 'subject' AND holder_id = of_subject
    AND fix_time >= from_time AND fix_time < to_time AND lon_e7 IS NOT NULL
    AND org_id = ANY ((SELECT scope_orgs())::text[])
  ORDER BY fix_time, boot, seq LIMIT most
$$;
REVOKE EXECUTE ON FUNCTION track(text, timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION track(text, timestamptz, timestamptz, int) TO guitu_app;

-- What a device that speaks TCP calls itself; all null: the device speaks MQTT.
ALTER TABLE device
  ADD COLUMN protocol        text CHECK (protocol IN ('jt808', 'gt06', 'watch')),
  ADD COLUMN terminal_number text CHECK (terminal_number ~ '^[0-9A-Za-z]{1,20}$'),
  ADD COLUMN model           text CHECK (model ~ '^[A-Za-z0-9_.-]{0,40}$'),
  ADD COLUMN terminal_serial text CHECK (terminal_serial ~ '^[\x20-\x7e]{1,30}$'),
  ADD COLUMN utc_offset_min  int CHECK (utc_offset_min BETWEEN -720 AND 840),
  ADD CONSTRAINT device_terminal_whole CHECK (
    (protocol IS NULL) = (terminal_number IS NULL) AND (protocol IS NULL) = (model IS NULL)
    AND (protocol IS NOT NULL OR (terminal_serial IS NULL AND utc_offset_min IS NULL))),
  -- Deferrable: one file may hand a number on from one device to another, in either order.
  ADD CONSTRAINT device_terminal_once UNIQUE (protocol, terminal_number) DEFERRABLE;

-- A down-link from a person to a device. Its content and who entered it never change.
CREATE TABLE command (
  id           text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id       text NOT NULL REFERENCES org (id),
  device_id    text NOT NULL REFERENCES device (id),
  name         text NOT NULL CHECK (name IN ('set_interval', 'locate', 'text', 'restart',
                 'power_off', 'factory_reset', 'close_link', 'close_radio')),
  interval_s   int CHECK (interval_s BETWEEN 1 AND 65535),
  text         text CHECK (length(text) BETWEEN 1 AND 200),
  purpose      text NOT NULL CHECK (length(purpose) BETWEEN 4 AND 200),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  approved_by  text,
  approved_at  timestamptz,
  expires_at   timestamptz NOT NULL,
  state        text NOT NULL CHECK (state IN ('awaiting_approval', 'queued', 'sent', 'answered',
                 'refused', 'timed_out', 'withdrawn')),
  state_at     timestamptz NOT NULL DEFAULT now(),
  detail       text NOT NULL DEFAULT '' CHECK (length(detail) <= 500),
  version      int NOT NULL DEFAULT 1,               -- counts the states, for the live feed
  CHECK ((name = 'set_interval') = (interval_s IS NOT NULL)),
  CHECK ((name = 'text') = (text IS NOT NULL)),
  CHECK (expires_at > requested_at),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  -- What silences a device needs two different persons, whatever a handler does.
  CONSTRAINT command_two_persons CHECK (approved_by <> requested_by),
  CONSTRAINT command_approved CHECK (
    name NOT IN ('power_off', 'factory_reset', 'close_link', 'close_radio')
    OR approved_by IS NOT NULL OR state IN ('awaiting_approval', 'withdrawn', 'timed_out'))
);
CREATE INDEX command_device ON command (device_id, requested_at DESC, id DESC);
CREATE INDEX command_open ON command (expires_at)
  WHERE state IN ('awaiting_approval', 'queued', 'sent');

-- Every state that a command was in, or that a gateway said it was in. Append-only.
CREATE TABLE command_step (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  command_id   text NOT NULL REFERENCES command (id),
  step         text NOT NULL CHECK (step IN ('awaiting_approval', 'queued', 'sent', 'answered',
                 'refused', 'timed_out', 'withdrawn')),
  by_login     text,                                 -- null: a gateway, or the server itself
  gateway_id   text REFERENCES gateway (id),
  detail       text NOT NULL DEFAULT '' CHECK (length(detail) <= 500),
  at           timestamptz NOT NULL,                 -- the gateway's clock where it is its step
  recorded_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (command_id, step)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON command_step
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

ALTER TABLE feed DROP CONSTRAINT feed_kind_check,
  ADD CONSTRAINT feed_kind_check CHECK (kind IN ('alert', 'positions', 'gateway', 'command'));

ALTER TABLE command ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON command USING (org_id = ANY ((SELECT scope_orgs())::text[]));
ALTER TABLE command_step ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON command_step USING (org_id = ANY ((SELECT scope_orgs())::text[]));

-- People enter, approve and withdraw; a gateway moves the state and cannot approve.
-- No approval by INSERT: a command is entered by one and approved by another, in two acts.
GRANT SELECT, INSERT (id, org_id, device_id, name, interval_s, text, purpose, requested_by,
  expires_at, state), UPDATE (state, state_at, detail, version, approved_by, approved_at)
  ON command TO guitu_app;
GRANT SELECT, INSERT ON command_step TO guitu_app;
GRANT SELECT (id, org_id, device_id, name, interval_s, text, requested_by, requested_at,
  approved_by, expires_at, state, version), UPDATE (state, state_at, detail, version)
  ON command TO guitu_ingest;
GRANT INSERT ON command_step TO guitu_ingest;
