-- What the rules of the gateways need to know, and what their outcomes say of themselves.
-- Rows stand as they were entered: a fix is judged by what held at its time, so an entered row's
-- content never changes and only its end may be set. Ids are pseudonyms.

-- 受保护人: somebody whom a subject must keep away from, and who carries a device by own consent.
CREATE TABLE protected_person (
  id     text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id text NOT NULL REFERENCES org (id),
  name   text NOT NULL
);

ALTER TABLE binding DROP CONSTRAINT binding_holder_kind_check,
  ADD CONSTRAINT binding_holder_kind_check CHECK (holder_kind IN ('subject', 'officer', 'protected'));
ALTER TABLE device ADD COLUMN device_class text CHECK (device_class ~ '^[A-Za-z0-9_-]{1,40}$');

-- Wall-clock windows. `body` is the row of docs/wire/directory-v1.md; days to come may be added to it.
CREATE TABLE schedule (
  id     text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id text NOT NULL REFERENCES org (id),
  body   jsonb NOT NULL
);

ALTER TABLE fence
  DROP CONSTRAINT fence_use_check,
  ADD CONSTRAINT fence_use_check CHECK (use IN ('inclusion', 'exclusion', 'curfew', 'route', 'leave')),
  ADD COLUMN width_m     double precision CHECK (width_m > 0),   -- of a corridor along a line
  ADD COLUMN schedule_id text REFERENCES schedule (id),
  ADD CONSTRAINT fence_curfew CHECK (use <> 'curfew' OR schedule_id IS NOT NULL);

-- 严管 普管 宽管, and the colour of the credit score, in time.
CREATE TABLE subject_version (
  org_id            text NOT NULL REFERENCES org (id),
  subject_id        text NOT NULL REFERENCES subject (id),
  supervision_class text CHECK (supervision_class IN ('strict', 'general', 'lenient')),
  colour            text CHECK (colour IN ('red', 'yellow', 'green')),
  valid_from        timestamptz NOT NULL,
  valid_to          timestamptz CHECK (valid_to > valid_from),
  PRIMARY KEY (subject_id, valid_from)
);

-- 请假外出: never approved after it began; a later approval is an excuse on the alert.
CREATE TABLE leave (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  kind        text NOT NULL CHECK (kind IN ('leave', 'trip')),
  fence_id    text,
  approved_by text NOT NULL,
  approved_at timestamptz NOT NULL,
  valid_from  timestamptz NOT NULL CHECK (valid_from >= approved_at),
  valid_to    timestamptz NOT NULL CHECK (valid_to > valid_from)
);
CREATE INDEX leave_subject ON leave (subject_id, valid_from);

-- 禁止接触.
CREATE TABLE no_contact (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  other_id   text NOT NULL CHECK (other_id <> subject_id),  -- a subject or a protected person
  distance_m double precision NOT NULL CHECK (distance_m > 0 AND distance_m <= 100000),
  valid_from timestamptz NOT NULL,
  valid_to   timestamptz CHECK (valid_to > valid_from)
);

CREATE TABLE site (
  id            text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id        text NOT NULL REFERENCES org (id),
  kind          text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
  name          text,
  datum         text NOT NULL CHECK (datum IN ('WGS84', 'GCJ02', 'BD09')),  -- as it came
  longitude_deg double precision NOT NULL CHECK (longitude_deg BETWEEN -180 AND 180),
  latitude_deg  double precision NOT NULL CHECK (latitude_deg BETWEEN -89 AND 89),
  radius_m      double precision NOT NULL CHECK (radius_m > 0 AND radius_m <= 10000),
  official      boolean NOT NULL,
  valid_from    timestamptz NOT NULL,
  valid_to      timestamptz CHECK (valid_to > valid_from)
);

CREATE TABLE checkin_duty (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  schedule_id text NOT NULL REFERENCES schedule (id),
  kiosk_id    text REFERENCES device (id),
  grace_s     int NOT NULL CHECK (grace_s BETWEEN 0 AND 86400),
  valid_from  timestamptz NOT NULL,
  valid_to    timestamptz CHECK (valid_to > valid_from)
);

-- 敏感时期: of an organisation and everything below it.
CREATE TABLE sensitive_period (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id     text NOT NULL REFERENCES org (id),
  name       text NOT NULL,
  parameters jsonb NOT NULL,
  classes    text[] CHECK (classes <@ ARRAY['strict', 'general', 'lenient']),  -- null: everybody
  valid_from timestamptz NOT NULL,
  valid_to   timestamptz NOT NULL CHECK (valid_to > valid_from)
);

CREATE TABLE planned_silence (
  org_id     text NOT NULL REFERENCES org (id),
  device_id  text NOT NULL REFERENCES device (id),
  reason     text,                                   -- stays here: it may name somebody
  valid_from timestamptz NOT NULL,
  valid_to   timestamptz NOT NULL CHECK (valid_to > valid_from),
  PRIMARY KEY (device_id, valid_from)
);

-- A permission that ends (许可), such as to enter a kind of place; leaves and orders are rows of their own.
CREATE TABLE permit (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  name       text NOT NULL,
  valid_to   timestamptz NOT NULL
);

-- Rule parameters by version; never changed, so that an outcome's version says what it was judged by.
CREATE TABLE rule_set (
  org_id     text NOT NULL REFERENCES org (id),
  version    text NOT NULL CHECK (version ~ '^[A-Za-z0-9._-]{1,40}$'),
  body       jsonb NOT NULL,                         -- parameters and layers of docs/wire/directory-v1.md
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, version)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_set
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

-- Which set an organisation, and all below it without one of their own, is judged by from when on.
CREATE TABLE rule_set_use (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  version    text NOT NULL,
  valid_from timestamptz NOT NULL DEFAULT now(),
  entered_by text NOT NULL,
  FOREIGN KEY (org_id, version) REFERENCES rule_set (org_id, version)
);
CREATE INDEX rule_set_use_org ON rule_set_use (org_id, id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_set_use
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY[
    'protected_person', 'schedule', 'subject_version', 'leave', 'no_contact', 'site',
    'checkin_duty', 'sensitive_period', 'planned_silence', 'permit', 'rule_set', 'rule_set_use'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY scope ON %I USING (org_id = ANY ((SELECT scope_orgs())::text[]))', t);
  END LOOP;
END $$;

-- People enter rows and set their ends; content stands.
GRANT SELECT, INSERT, UPDATE (name) ON protected_person TO guitu_app;
GRANT SELECT, INSERT, UPDATE (body) ON schedule TO guitu_app;
GRANT SELECT, INSERT, UPDATE (valid_to) ON
  subject_version, leave, no_contact, site, checkin_duty, sensitive_period, planned_silence, permit
  TO guitu_app;
GRANT SELECT, INSERT ON rule_set, rule_set_use TO guitu_app;

-- Gateways: no name of a person, no reason, nobody who approved.
GRANT SELECT (id, org_id) ON protected_person TO guitu_ingest;
GRANT SELECT (width_m, schedule_id) ON fence TO guitu_ingest;
GRANT SELECT (id, org_id, subject_id, kind, fence_id, valid_from, valid_to) ON leave TO guitu_ingest;
GRANT SELECT (org_id, device_id, valid_from, valid_to) ON planned_silence TO guitu_ingest;
GRANT SELECT (id, org_id, subject_id, valid_to) ON permit TO guitu_ingest;
GRANT SELECT ON subject_version, no_contact, site, checkin_duty TO guitu_ingest;

-- The organisations from the caller's up to the root: what they set holds for all below them.
CREATE FUNCTION scope_line() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(id ORDER BY length(path) DESC), '{}') FROM org
  WHERE starts_with(current_setting('guitu.scope', true), path)
$$;

-- The three below answer rows without personal data, of the scope and of those above it.
CREATE FUNCTION directory_head() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(max(version), 0) FROM directory_version
  WHERE org_id = ANY ((SELECT scope_orgs() || scope_line())::text[])
$$;

CREATE FUNCTION directory_schedules() RETURNS TABLE (id text, org_id text, body jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.org_id, s.body FROM schedule s
  WHERE s.org_id = ANY ((SELECT scope_orgs() || scope_line())::text[])
$$;

CREATE FUNCTION directory_periods() RETURNS SETOF sensitive_period
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM sensitive_period WHERE org_id = ANY ((SELECT scope_line())::text[])
$$;

-- The set in force for the scope's own organisation: the nearest one's above it, none without any.
CREATE FUNCTION rule_set_in_force() RETURNS TABLE (version text, body jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.version, r.body FROM rule_set_use u
  JOIN rule_set r ON (r.org_id, r.version) = (u.org_id, u.version)
  JOIN org o ON o.id = u.org_id
  WHERE u.org_id = ANY ((SELECT scope_line())::text[])
  ORDER BY length(o.path) DESC, u.id DESC LIMIT 1
$$;
REVOKE EXECUTE ON FUNCTION scope_line(), directory_head(), directory_schedules(),
  directory_periods(), rule_set_in_force() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scope_line(), directory_head(), directory_schedules(), directory_periods(),
  rule_set_in_force() TO guitu_ingest;

-- What an outcome says of itself: any rule has a title and an explanation of its own.
ALTER TABLE alert
  ADD COLUMN category    text NOT NULL DEFAULT 'violation'
    CHECK (category IN ('violation', 'device', 'integrity', 'care', 'notice')),
  ADD COLUMN title       jsonb,                      -- {"zh", "en"}
  ADD COLUMN explanation jsonb,
  -- What calls for care or is merely told is never a fact about a person.
  ADD CONSTRAINT alert_told_only CHECK (category NOT IN ('care', 'notice') OR verdict <> 'confirmed');

CREATE FUNCTION refuse_told_fact() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM alert WHERE id = NEW.evidence ->> 'alert_id'
             AND category IN ('care', 'notice')) THEN
    RAISE EXCEPTION 'a care or notice alert is no fact' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_told_fact() FROM PUBLIC;
CREATE TRIGGER told_only BEFORE INSERT ON fact FOR EACH ROW EXECUTE FUNCTION refuse_told_fact();
