-- With TimescaleDB, hours of destroyed positions are counted anew within seconds of the commit, not
-- at the aggregate's next round.
CREATE FUNCTION hasten_position_hours() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE 'SELECT alter_job(job_id, next_start => now()) FROM timescaledb_information.jobs'
    ' WHERE proc_name = ''policy_refresh_continuous_aggregate''';
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION hasten_position_hours() FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    CREATE TRIGGER hasten_hours AFTER INSERT ON position_destruction
      FOR EACH STATEMENT EXECUTE FUNCTION hasten_position_hours();
  END IF;
END $$;
