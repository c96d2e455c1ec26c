-- What was answered to an Idempotency-Key holds parts of files: it is kept for as long as a repeated
-- request may still come, and no longer. The oldest go first, `most` at a time.
CREATE FUNCTION trim_request_keys(keep interval, most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM request_key k USING (
      SELECT login, key FROM request_key WHERE at < now() - keep
      ORDER BY at LIMIT most FOR UPDATE SKIP LOCKED) old
    WHERE k.login = old.login AND k.key = old.key
    RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE EXECUTE ON FUNCTION trim_request_keys(interval, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trim_request_keys(interval, int) TO guitu_ingest;
