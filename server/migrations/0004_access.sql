-- Row-level security and grants. Every table has org_id and one policy; see
-- docs/decisions on scope. guitu_app serves people; guitu_ingest serves gateways.

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY[
    'app_user', 'session', 'subject', 'device', 'binding', 'positioning_order', 'fence',
    'fence_assignment', 'directory_version', 'gateway', 'gateway_mark', 'outcome', 'alert',
    'alert_step', 'fact', 'score_entry', 'feed', 'access_log'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY scope ON %I USING (org_id = ANY ((SELECT scope_orgs())::text[]))', t);
  END LOOP;
END $$;
ALTER TABLE org ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON org USING (id = ANY ((SELECT scope_orgs())::text[]));

GRANT SELECT, INSERT, UPDATE ON
  org, app_user, subject, device, binding, positioning_order, fence, fence_assignment, gateway, alert
  TO guitu_app;
GRANT SELECT, INSERT ON
  directory_version, alert_step, fact, score_entry, access_log TO guitu_app;
GRANT SELECT ON outcome, feed, gateway_mark TO guitu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO guitu_app;
GRANT DELETE ON fence_assignment TO guitu_app;

GRANT SELECT ON org, subject, device, binding, positioning_order, fence, fence_assignment,
  directory_version TO guitu_ingest;
GRANT SELECT, UPDATE ON gateway TO guitu_ingest;
GRANT SELECT, INSERT, UPDATE ON gateway_mark, alert, latest_position TO guitu_ingest;
GRANT SELECT, INSERT ON outcome, alert_step, position_report TO guitu_ingest;

-- Before a sign-in there is no scope yet: these two look up one row by a secret or a login.
CREATE FUNCTION sign_in_lookup(of_login text)
RETURNS TABLE (user_id bigint, org_id text, org_path text, role text, name text, password_hash text,
               disabled boolean, failed_count int, locked_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT u.id, u.org_id, o.path, u.role, u.name, u.password_hash, u.disabled, u.failed_count, u.locked_until
  FROM app_user u JOIN org o ON o.id = u.org_id WHERE u.login = of_login
$$;

CREATE FUNCTION session_lookup(of_token_hash bytea)
RETURNS TABLE (user_id bigint, login text, name text, org_id text, org_path text, role text, csrf_token text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS $$
  UPDATE session s SET seen_at = now()
  FROM app_user u JOIN org o ON o.id = u.org_id
  WHERE s.token_hash = of_token_hash AND s.user_id = u.id AND NOT u.disabled AND s.expires_at > now()
  RETURNING u.id, u.login, u.name, u.org_id, o.path, u.role, s.csrf_token
$$;

CREATE FUNCTION gateway_lookup(of_token_hash bytea)
RETURNS TABLE (gateway_id text, org_id text, org_path text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT g.id, g.org_id, o.path FROM gateway g JOIN org o ON o.id = g.org_id
  WHERE g.token_hash = of_token_hash
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scope_orgs(), announce(text, text, text) TO guitu_app, guitu_ingest;
GRANT EXECUTE ON FUNCTION
  track(text, timestamptz, timestamptz, int), latest_positions(bigint),
  sign_in_lookup(text), session_lookup(bytea) TO guitu_app;
GRANT EXECUTE ON FUNCTION gateway_lookup(bytea), ensure_position_partition(date) TO guitu_ingest;
