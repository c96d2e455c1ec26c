-- Position reports (位置信息汇报): a hypertable where TimescaleDB is installed, native range
-- partitions by day elsewhere. Written by guitu_ingest only; guitu_app has no grant and reads
-- through track() and latest_positions().

CREATE TABLE position_report (
  org_id       text NOT NULL,
  device_id    text NOT NULL,
  holder_kind  text NOT NULL,
  holder_id    text NOT NULL,
  fix_time     timestamptz NOT NULL,
  boot         bigint NOT NULL,
  seq          bigint NOT NULL,
  received_at  timestamptz NOT NULL,
  ingested_at  timestamptz NOT NULL DEFAULT now(),
  lon_e7       int,                                  -- WGS-84, 1e-7 degrees; null: a status report
  lat_e7       int,
  source_datum text,
  accuracy_mm  int,
  altitude_mm  int,
  speed_mmps   int,
  heading_cdeg int,
  satellites   smallint,
  battery_pct  smallint,
  alarms       int NOT NULL,                         -- bits as in firmware_protocols/message.py
  backlog      boolean NOT NULL,
  gateway_id   text NOT NULL,
  entry_seq    bigint NOT NULL,                      -- journal entry of that gateway
  PRIMARY KEY (device_id, fix_time, boot, seq)
) /* PARTITIONED */;
-- The runner replaces the marker by PARTITION BY RANGE (fix_time) where TimescaleDB is absent,
-- and calls create_hypertable where it is present.
CREATE INDEX position_report_holder ON position_report (holder_id, fix_time DESC);

-- A day's partition, made when first needed. Names are by UTC day.
CREATE FUNCTION ensure_position_partition(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  part text := 'position_report_' || to_char(day, 'YYYYMMDD');
BEGIN
  IF day NOT BETWEEN '2020-01-01' AND '2099-12-31' THEN
    RAISE EXCEPTION 'no partition for %: 2020 to 2099 only', day;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = 'position_report'::regclass)
     OR to_regclass(part) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('position_report partition'));
  IF to_regclass(part) IS NULL THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF position_report FOR VALUES FROM (%L) TO (%L)',
                   part, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
  END IF;
END $$;

-- What the map shows of each device: the newest position, and the newest state of the device,
-- which may come from a later report without a position.
CREATE TABLE latest_position (
  device_id    text PRIMARY KEY,
  org_id       text NOT NULL,
  holder_kind  text NOT NULL,
  holder_id    text NOT NULL,
  report_time  timestamptz NOT NULL,                 -- newest report of any kind, by the device
  battery_pct  smallint,
  alarms       int NOT NULL,
  fix_time     timestamptz,                          -- newest report with a position
  lon_e7       int,
  lat_e7       int,
  accuracy_mm  int,
  speed_mmps   int,
  feed_id      bigint NOT NULL                       -- the feed position that announced it
);
CREATE INDEX latest_position_feed ON latest_position (feed_id);

-- Scope-filtered reading: the only two ways for guitu_app to a position.
CREATE FUNCTION track(of_subject text, from_time timestamptz, to_time timestamptz, most int)
RETURNS SETOF position_report
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM position_report
  WHERE holder_kind = 'subject' AND holder_id = of_subject
    AND fix_time >= from_time AND fix_time < to_time AND lon_e7 IS NOT NULL
    AND org_id = ANY ((SELECT scope_orgs())::text[])
  ORDER BY fix_time, boot, seq LIMIT most
$$;

-- A subject's place is shown while an order is in force, and not longer.
CREATE FUNCTION latest_positions(after_feed bigint) RETURNS SETOF latest_position
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.* FROM latest_position l
  WHERE l.feed_id > after_feed AND l.lon_e7 IS NOT NULL
    AND l.org_id = ANY ((SELECT scope_orgs())::text[])
    AND (l.holder_kind <> 'subject' OR EXISTS (
      SELECT FROM positioning_order o
      WHERE o.subject_id = l.holder_id AND o.valid_from <= now()
        AND now() < least(o.valid_to, o.lifted_at)))
$$;
