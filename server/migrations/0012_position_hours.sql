-- Positions by hour and by day. With TimescaleDB a continuous aggregate; elsewhere a table that
-- upkeep counts anew for every hour that rows came for, so that late ones correct it. Times of the
-- first and last place, the box around all, and the extremes are places too: no grant to guitu_app,
-- which reads through position_hours() and position_days().

-- Hours that rows came for since they were counted; written with the rows, whatever their lateness.
CREATE TABLE position_hour_due (
  device_id text NOT NULL,
  hour      timestamptz NOT NULL,
  PRIMARY KEY (device_id, hour)
);
CREATE INDEX position_hour_due_hour ON position_hour_due (hour);

-- Note that rows came. An hour that is noted already is locked until the transaction ends: else it
-- could be counted, and struck off, between these rows and their commit.
CREATE FUNCTION note_position_hours(devices text[], hours timestamptz[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO position_hour_due
  SELECT w.device_id, w.hour FROM unnest(devices, hours) AS w (device_id, hour)
  WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')
  ORDER BY w.device_id, w.hour
  ON CONFLICT (device_id, hour) DO UPDATE SET hour = EXCLUDED.hour WHERE false
$$;

DO $$
DECLARE
  measures text := 'count(*)::int AS report_count, count(lon_e7)::int AS place_count,'
    ' min(fix_time) FILTER (WHERE lon_e7 IS NOT NULL) AS first_place_time,'
    ' max(fix_time) FILTER (WHERE lon_e7 IS NOT NULL) AS last_place_time,'
    ' min(lon_e7) AS west_e7, min(lat_e7) AS south_e7, max(lon_e7) AS east_e7,'
    ' max(lat_e7) AS north_e7, max(speed_mmps) AS speed_max_mmps,'
    ' min(battery_pct) AS battery_min_pct, bit_or(alarms) AS alarms';
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    EXECUTE 'CREATE MATERIALIZED VIEW position_hour'
      ' WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS'
      ' SELECT org_id, device_id, holder_kind, holder_id, time_bucket(''1 hour'', fix_time) AS hour, '
      || measures || ' FROM position_report'
      ' GROUP BY org_id, device_id, holder_kind, holder_id, time_bucket(''1 hour'', fix_time)'
      ' WITH NO DATA';
    -- From the beginning: merged late rows and destroyed ones mark what they touch, and only that is
    -- counted again.
    EXECUTE 'SELECT add_continuous_aggregate_policy(''position_hour'', start_offset => NULL,'
      ' end_offset => INTERVAL ''1 hour'', schedule_interval => INTERVAL ''10 minutes'')';
  ELSE
    EXECUTE 'CREATE TABLE position_hour AS SELECT org_id, device_id, holder_kind, holder_id,'
      ' date_trunc(''hour'', fix_time, ''UTC'') AS hour, ' || measures || ' FROM position_report'
      ' GROUP BY org_id, device_id, holder_kind, holder_id, date_trunc(''hour'', fix_time, ''UTC'')';
    ALTER TABLE position_hour ADD PRIMARY KEY (holder_id, hour, device_id, holder_kind, org_id);
    CREATE INDEX position_hour_device ON position_hour (device_id, hour);
  END IF;
END $$;

-- Count anew the given hours, [hour, hour + 1 h) of a device each, from what is there.
CREATE FUNCTION count_position_hours(devices text[], hours timestamptz[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM position_hour p USING unnest(devices, hours) AS w (device_id, hour)
  WHERE p.device_id = w.device_id AND p.hour = w.hour;
  INSERT INTO position_hour
  SELECT r.org_id, r.device_id, r.holder_kind, r.holder_id, w.hour,
    count(*), count(r.lon_e7),
    min(r.fix_time) FILTER (WHERE r.lon_e7 IS NOT NULL),
    max(r.fix_time) FILTER (WHERE r.lon_e7 IS NOT NULL),
    min(r.lon_e7), min(r.lat_e7), max(r.lon_e7), max(r.lat_e7),
    max(r.speed_mmps), min(r.battery_pct), bit_or(r.alarms)
  FROM unnest(devices, hours) AS w (device_id, hour)
  CROSS JOIN LATERAL (
    SELECT * FROM position_report p
    WHERE p.device_id = w.device_id AND p.fix_time >= w.hour
      AND p.fix_time < w.hour + INTERVAL '1 hour') r
  GROUP BY r.org_id, r.device_id, r.holder_kind, r.holder_id, w.hour;
END $$;

-- Count hours that are over and due, the oldest first, at most so many; returns how many were. What
-- still waits in position_late is counted when it has been merged.
CREATE FUNCTION count_due_position_hours(most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  devices text[];
  hours timestamptz[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position hours'));
  WITH taken AS (
    DELETE FROM position_hour_due WHERE (device_id, hour) IN (
      SELECT d.device_id, d.hour FROM position_hour_due d
      WHERE d.hour <= now() - INTERVAL '1 hour' AND NOT EXISTS (
        SELECT FROM position_late l WHERE l.device_id = d.device_id
          AND l.fix_time >= d.hour AND l.fix_time < d.hour + INTERVAL '1 hour')
      ORDER BY d.hour, d.device_id LIMIT most)
    RETURNING device_id, hour)
  SELECT array_agg(t.device_id), array_agg(t.hour) INTO devices, hours FROM taken t;
  IF devices IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM count_position_hours(devices, hours);
  RETURN cardinality(devices);
END $$;

-- Where positions are destroyed, so is what was counted of them, in the same transaction. With
-- TimescaleDB the aggregate's policy counts anew what the destruction touched.
CREATE FUNCTION count_after_destruction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  devices text[];
  hours timestamptz[];
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('position hours'));
  SELECT array_agg(DISTINCT p.device_id), array_agg(DISTINCT p.hour) INTO devices, hours
  FROM position_hour p
  WHERE p.holder_kind = 'subject' AND p.holder_id = NEW.subject_id
    AND p.hour > NEW.from_time - INTERVAL '1 hour' AND p.hour < NEW.to_time;
  IF devices IS NOT NULL THEN
    PERFORM count_position_hours(
      (SELECT array_agg(d) FROM unnest(devices) d, unnest(hours) h),
      (SELECT array_agg(h) FROM unnest(devices) d, unnest(hours) h));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER count_hours AFTER INSERT ON position_destruction
  FOR EACH ROW EXECUTE FUNCTION count_after_destruction();

-- Scope-filtered reading, as of tracks. Hours of one person from all devices, in order.
CREATE FUNCTION position_hours(of_subject text, from_time timestamptz, to_time timestamptz)
RETURNS TABLE (hour timestamptz, report_count bigint, place_count bigint,
               first_place_time timestamptz, last_place_time timestamptz,
               west_e7 int, south_e7 int, east_e7 int, north_e7 int,
               speed_max_mmps int, battery_min_pct smallint, alarms bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.hour, sum(p.report_count)::bigint, sum(p.place_count)::bigint,
    min(p.first_place_time), max(p.last_place_time),
    min(p.west_e7), min(p.south_e7), max(p.east_e7), max(p.north_e7),
    max(p.speed_max_mmps), min(p.battery_min_pct)::smallint, bit_or(p.alarms)
  FROM position_hour p
  WHERE p.holder_kind = 'subject' AND p.holder_id = of_subject
    AND p.hour >= from_time AND p.hour < to_time
    AND p.org_id = ANY ((SELECT scope_orgs())::text[])
  GROUP BY p.hour ORDER BY p.hour
$$;

-- The same by days of Beijing time: China has one zone, and whole hours of it begin with UTC's.
CREATE FUNCTION position_days(of_subject text, from_time timestamptz, to_time timestamptz)
RETURNS TABLE (day timestamptz, report_count bigint, place_count bigint,
               first_place_time timestamptz, last_place_time timestamptz,
               west_e7 int, south_e7 int, east_e7 int, north_e7 int,
               speed_max_mmps int, battery_min_pct smallint, alarms bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT date_trunc('day', h.hour, 'Asia/Shanghai'), sum(h.report_count)::bigint,
    sum(h.place_count)::bigint, min(h.first_place_time), max(h.last_place_time),
    min(h.west_e7), min(h.south_e7), max(h.east_e7), max(h.north_e7),
    max(h.speed_max_mmps), min(h.battery_min_pct)::smallint, bit_or(h.alarms)
  FROM position_hours(of_subject, from_time, to_time) h
  GROUP BY 1 ORDER BY 1
$$;

REVOKE EXECUTE ON FUNCTION note_position_hours(text[], timestamptz[]),
  count_position_hours(text[], timestamptz[]), count_due_position_hours(int), count_after_destruction(),
  position_hours(text, timestamptz, timestamptz), position_days(text, timestamptz, timestamptz)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_position_hours(text[], timestamptz[]), count_due_position_hours(int)
  TO guitu_ingest;
GRANT EXECUTE ON FUNCTION position_hours(text, timestamptz, timestamptz),
  position_days(text, timestamptz, timestamptz) TO guitu_app;
