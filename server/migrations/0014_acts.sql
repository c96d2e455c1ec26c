-- Acts and the law's clocks: what every feature of the case files writes beside its own tables
-- (docs/decisions/0015-acts-and-clocks.md).

-- 县级司法行政部门负责人 approves positioning (Art. 29); 矫正对象 has an account of the own.
ALTER TABLE app_user
  DROP CONSTRAINT app_user_role_check,
  ADD CONSTRAINT app_user_role_check
    CHECK (role IN ('admin', 'supervisor', 'head', 'officer', 'auditor', 'subject')),
  ADD COLUMN subject_id text UNIQUE REFERENCES subject (id),
  ADD CONSTRAINT app_user_subject CHECK ((role = 'subject') = (subject_id IS NOT NULL));
GRANT SELECT (subject_id), INSERT (subject_id) ON app_user TO guitu_app;

DROP FUNCTION session_lookup(bytea);
CREATE FUNCTION session_lookup(of_token_hash bytea)
RETURNS TABLE (user_id bigint, login text, name text, role text, subject_id text, csrf_token text,
               org_id text, org_path text, org_level text, org_name_zh text, org_name_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.login, u.name, u.role, u.subject_id, s.csrf_token, o.id, o.path, o.level,
    o.name_zh, o.name_en
  FROM session s JOIN app_user u ON u.id = s.user_id JOIN org o ON o.id = u.org_id
  WHERE s.token_hash = of_token_hash AND NOT u.disabled AND s.expires_at > now()
$$;
REVOKE EXECUTE ON FUNCTION session_lookup(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_lookup(bytea) TO guitu_app;

-- The supervised person who asks, from the transaction's setting guitu.subject; null: somebody who
-- works here.
CREATE FUNCTION own_subject() RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT nullif(current_setting('guitu.subject', true), '')
$$;
REVOKE EXECUTE ON FUNCTION own_subject() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_subject() TO guitu_app, guitu_ingest;

-- A supervised person sees rows of the own, and of a table without such a column none. As a CASE: of
-- an OR the planner would expect one row of a province, and sort what an index has in order.
CREATE PROCEDURE guard_own(of_table text, subject_column text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY own ON %I AS RESTRICTIVE TO guitu_app USING ('
    ' CASE WHEN (SELECT own_subject()) IS NULL THEN true ELSE %s END)',
    of_table, CASE WHEN subject_column IS NULL THEN 'false'
      ELSE format('%I IS NOT DISTINCT FROM (SELECT own_subject())', subject_column) END);
END $$;

-- Every new table of case files: scope, and what is a supervised person's own.
CREATE PROCEDURE guard(of_table text, subject_column text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', of_table);
  EXECUTE format(
    'CREATE POLICY scope ON %I USING (org_id = ANY ((SELECT scope_orgs())::text[]))', of_table);
  CALL guard_own(of_table, subject_column);
END $$;

-- A record that is never rewritten stays with the organisation that made it, and is read by whoever
-- has the person's file now (档案移交).
CREATE PROCEDURE guard_record(of_table text, subject_column text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', of_table);
  EXECUTE format(
    'CREATE POLICY scope ON %1$I USING (org_id = ANY ((SELECT scope_orgs())::text[])'
    ' OR EXISTS (SELECT FROM subject s WHERE s.id = %1$I.%2$I))'
    ' WITH CHECK (org_id = ANY ((SELECT scope_orgs())::text[]))', of_table, subject_column);
  CALL guard_own(of_table, subject_column);
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
    ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()', of_table);
END $$;
REVOKE EXECUTE ON PROCEDURE guard_own(text, text), guard(text, text), guard_record(text, text)
  FROM PUBLIC;

-- `org` and `session` stay: the name of the own office, and the end of the own session.
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT c.relname AS name, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid
      AND NOT a.attisdropped AND a.attname = CASE c.relname WHEN 'subject' THEN 'id'
        WHEN 'app_user' THEN 'subject_id' WHEN 'positioning_order' THEN 'subject_id'
        WHEN 'leave' THEN 'subject_id' WHEN 'permit' THEN 'subject_id'
        WHEN 'score_entry' THEN 'subject_id' WHEN 'fact' THEN 'subject_id'
        WHEN 'access_log' THEN 'subject_id' WHEN 'subject_version' THEN 'subject_id'
        WHEN 'checkin_duty' THEN 'subject_id' END) AS own
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
      AND c.relname NOT IN ('org', 'session')
  LOOP
    CALL guard_own(t.name, t.own);
  END LOOP;
END $$;

-- 执法留痕: everything that happens is an act with author, authority and both times. The moment of
-- recording is the database's and cannot be given, so that nothing is back-dated.
CREATE TABLE act (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text REFERENCES subject (id),
  kind          text NOT NULL CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)+$'),  -- 'leave.approved'
  authority     text NOT NULL CHECK (authority IN ('own', 'delegated', 'deciding_body', 'person', 'system')),
  by_login      text,                                -- null: the system's own clock
  by_org        text REFERENCES org (id),
  happened_time timestamptz NOT NULL,                -- as claimed
  recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  articles      text[] NOT NULL DEFAULT '{}',
  ref_kind      text NOT NULL,
  ref_id        text NOT NULL,
  body          jsonb NOT NULL DEFAULT '{}',
  CHECK ((authority = 'system') = (by_login IS NULL))
);
CREATE INDEX act_subject ON act (subject_id, id DESC);
CREATE INDEX act_org ON act (org_id, id DESC);
CREATE INDEX act_ref ON act (ref_kind, ref_id, id);
CALL guard_record('act', 'subject_id');
GRANT SELECT, INSERT (org_id, subject_id, kind, authority, by_login, by_org, happened_time, articles,
  ref_kind, ref_id, body) ON act TO guitu_app;

-- 期限: a clock of the law that runs, was met, lapsed, or is no longer asked for.
CREATE TABLE deadline (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text REFERENCES subject (id),
  kind       text NOT NULL,
  who        text NOT NULL,                          -- whose duty: office, county, city, subject ...
  article    text NOT NULL,
  ref_kind   text NOT NULL,
  ref_id     text NOT NULL,
  begins_at  timestamptz NOT NULL,                   -- the event; some clocks count back from it
  due_at     timestamptz NOT NULL,
  warn_at    timestamptz NOT NULL CHECK (warn_at <= due_at),
  state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'met', 'lapsed', 'cancelled')),
  warned_at  timestamptz,
  ended_at   timestamptz,
  met_late   boolean NOT NULL DEFAULT false,
  CHECK ((state = 'open') = (ended_at IS NULL)),
  UNIQUE (kind, ref_kind, ref_id, begins_at)
);
CREATE INDEX deadline_open ON deadline (org_id, due_at) WHERE state = 'open';
CREATE INDEX deadline_owed ON deadline (due_at, id)
  WHERE state = 'open' OR (state = 'lapsed' AND NOT met_late);
CREATE INDEX deadline_to_warn ON deadline (warn_at) WHERE state = 'open' AND warned_at IS NULL;
CREATE INDEX deadline_to_lapse ON deadline (due_at) WHERE state = 'open';
CREATE INDEX deadline_subject ON deadline (subject_id, due_at);
CREATE INDEX deadline_ref ON deadline (ref_kind, ref_id);
CALL guard('deadline', 'subject_id');
GRANT SELECT, INSERT, UPDATE (org_id, state, warned_at, ended_at, met_late) ON deadline TO guitu_app;

-- What a request with this Idempotency-Key was answered.
CREATE TABLE request_key (
  org_id    text NOT NULL REFERENCES org (id),
  login     text NOT NULL,
  key       text NOT NULL CHECK (length(key) BETWEEN 8 AND 120),
  asked     bytea NOT NULL,                          -- SHA-256 of method, path and body
  answer    jsonb,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (login, key)
);
CREATE INDEX request_key_at ON request_key (at);
ALTER TABLE request_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON request_key USING (org_id = ANY ((SELECT scope_orgs())::text[]));
CREATE POLICY own ON request_key AS RESTRICTIVE TO guitu_app USING (
  (SELECT own_subject()) IS NULL OR login = current_setting('guitu.login', true));
GRANT SELECT, INSERT, UPDATE (answer), DELETE ON request_key TO guitu_app;

-- What the law leaves to a province, and what it set: a version for each organisation, in force
-- from an instant on for it and those below.
CREATE TABLE law_policy (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  overrides  jsonb NOT NULL,
  source     text NOT NULL CHECK (length(source) BETWEEN 4 AND 500),
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL,
  valid_from timestamptz NOT NULL CHECK (valid_from >= entered_at)
);
CALL guard('law_policy', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON law_policy
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON law_policy TO guitu_app;

-- The overrides of an organisation and those above it, the nearest last.
CREATE FUNCTION law_policies(of_org text, at timestamptz)
RETURNS TABLE (id bigint, org_id text, overrides jsonb, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.org_id, p.overrides, p.source
  FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  JOIN LATERAL (SELECT * FROM law_policy l WHERE l.org_id = above.id AND l.valid_from <= at
                ORDER BY l.valid_from DESC, l.id DESC LIMIT 1) p ON true
  WHERE mine.id = of_org ORDER BY length(above.path)
$$;
REVOKE EXECUTE ON FUNCTION law_policies(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION law_policies(text, timestamptz) TO guitu_app;
