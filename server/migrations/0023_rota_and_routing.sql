-- 值班, 分派升级, 指挥模式: who is on duty, whom an alert reaches next, and one incident of many
-- alerts (docs/decisions/0019-routing.md).

-- 值班表: one person stands in one place at a time. A shift that is cut short holds until then.
CREATE TABLE duty_shift (
  id           text PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  login        text NOT NULL REFERENCES app_user (login),
  post         text NOT NULL CHECK (post IN ('officer', 'lead')),  -- 值班员 带班领导
  begins_at    timestamptz NOT NULL,
  ends_at      timestamptz NOT NULL CHECK (ends_at > begins_at AND ends_at <= begins_at + interval '7 days'),
  entered_by   text NOT NULL,
  entered_at   timestamptz NOT NULL CHECK (entered_at <= begins_at),  -- never back-dated
  cancelled_by text,
  cancelled_at timestamptz CHECK (cancelled_at >= entered_at),
  version      int NOT NULL DEFAULT 1,
  CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL))
);
CREATE INDEX duty_shift_org ON duty_shift (org_id, ends_at);
CREATE INDEX duty_shift_login ON duty_shift (login, ends_at) WHERE cancelled_at IS NULL;
CALL guard('duty_shift', NULL);
GRANT SELECT, INSERT, UPDATE (cancelled_by, cancelled_at, version) ON duty_shift TO guitu_app;
GRANT SELECT (id, org_id, login, post, begins_at, ends_at, cancelled_at) ON duty_shift TO guitu_ingest;

-- The embedded build has no btree_gist, so the exclusion is by code. Whatever the scope: the other
-- place may be another county's.
CREATE FUNCTION refuse_double_duty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('guitu duty'), hashtext(NEW.login));
  IF EXISTS (SELECT FROM duty_shift s WHERE s.login = NEW.login AND s.id <> NEW.id
    AND s.cancelled_at IS NULL AND s.begins_at < NEW.ends_at AND NEW.begins_at < s.ends_at) THEN
    RAISE EXCEPTION 'one person stands in one place at a time'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'duty_shift_one_place';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER one_place BEFORE INSERT ON duty_shift
  FOR EACH ROW EXECUTE FUNCTION refuse_double_duty();

-- 请假, 病假: the substitute stands in for every shift of the person in that time.
CREATE TABLE duty_absence (
  id         text PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  login      text NOT NULL REFERENCES app_user (login),
  kind       text NOT NULL CHECK (kind IN ('leave', 'sick', 'training', 'other')),
  begins_at  timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL CHECK (ends_at > begins_at AND ends_at <= begins_at + interval '400 days'),
  substitute text REFERENCES app_user (login) CHECK (substitute <> login),
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL CHECK (entered_at <= begins_at),
  ended_by   text,
  ended_at   timestamptz CHECK (ended_at >= entered_at),  -- came back earlier
  version    int NOT NULL DEFAULT 1,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX duty_absence_login ON duty_absence (login, ends_at);
CREATE INDEX duty_absence_org ON duty_absence (org_id, ends_at);
CALL guard('duty_absence', NULL);
GRANT SELECT, INSERT, UPDATE (ended_by, ended_at, version) ON duty_absence TO guitu_app;
GRANT SELECT (org_id, login, begins_at, ends_at, substitute, ended_at) ON duty_absence TO guitu_ingest;

-- 交接班记录: written by who goes, signed by who comes.
CREATE TABLE duty_handover (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  shift_id    text NOT NULL UNIQUE REFERENCES duty_shift (id),
  note        text NOT NULL CHECK (length(note) BETWEEN 2 AND 4000),
  open_alerts jsonb NOT NULL,                        -- as they stood then: ids and states, no names
  written_by  text NOT NULL,
  written_at  timestamptz NOT NULL,
  signed_by   text CHECK (signed_by <> written_by),
  signed_at   timestamptz CHECK (signed_at >= written_at),
  remark      text CHECK (length(remark) <= 2000),
  version     int NOT NULL DEFAULT 1,
  CHECK ((signed_at IS NULL) = (signed_by IS NULL))
);
CREATE INDEX duty_handover_page ON duty_handover (org_id, written_at DESC, id DESC);
CALL guard('duty_handover', NULL);
GRANT SELECT, INSERT, UPDATE (signed_by, signed_at, remark, version) ON duty_handover TO guitu_app;

-- due_at is when routing looks next; escalate_at, when the clock of clock_phase ends. A clock of
-- another phase than the alert's is none: the next look starts one.
ALTER TABLE alert
  ADD COLUMN clock_phase    text,                    -- a state, or 'on_site'
  ADD COLUMN escalate_at    timestamptz,
  ADD COLUMN assigned_at    timestamptz,
  ADD COLUMN on_duty_until  timestamptz,             -- holds it by the rota; null: took it, or no rota
  ADD COLUMN route_failures int NOT NULL DEFAULT 0;
CREATE INDEX alert_assigned ON alert (assigned_to, assigned_at DESC) WHERE assigned_to IS NOT NULL;
GRANT UPDATE (clock_phase, escalate_at, assigned_at, on_duty_until, route_failures) ON alert
  TO guitu_app;

CREATE FUNCTION restart_alert_clock() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.clock_phase := NULL;
  NEW.due_at := least(NEW.due_at, CASE WHEN NEW.due_at IS NOT NULL THEN now() END);
  IF NEW.assigned_to IS DISTINCT FROM OLD.assigned_to THEN
    NEW.assigned_at := now();
    NEW.on_duty_until := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER restart_clock BEFORE UPDATE OF state ON alert FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION restart_alert_clock();

-- Who goes off duty, falls ill or loses the account leaves no alert behind: routing looks at each
-- again. Whatever the scope: an alert of any office may be theirs.
CREATE FUNCTION look_again(of_login text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE alert SET due_at = least(due_at, now()) WHERE assigned_to = of_login AND due_at IS NOT NULL
$$;
CREATE FUNCTION look_again_at_theirs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM look_again(NEW.login);
  RETURN NULL;
END $$;
CREATE TRIGGER look_again AFTER UPDATE OF cancelled_at ON duty_shift
  FOR EACH ROW EXECUTE FUNCTION look_again_at_theirs();
CREATE TRIGGER look_again AFTER INSERT OR UPDATE OF ended_at ON duty_absence
  FOR EACH ROW EXECUTE FUNCTION look_again_at_theirs();
CREATE TRIGGER look_again AFTER UPDATE OF disabled, role, org_id, password_hash ON app_user
  FOR EACH ROW WHEN (OLD.disabled IS DISTINCT FROM NEW.disabled OR OLD.role IS DISTINCT FROM NEW.role
    OR OLD.org_id IS DISTINCT FROM NEW.org_id
    OR (OLD.password_hash IS NULL) IS DISTINCT FROM (NEW.password_hash IS NULL))
  EXECUTE FUNCTION look_again_at_theirs();

-- 处置预案 that an organisation adds or sets in place of the product's own, for it and those below.
CREATE TABLE incident_plan (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  key        text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]{1,39}$'),
  version    int NOT NULL CHECK (version >= 1),
  body       jsonb NOT NULL,
  source     text NOT NULL CHECK (length(source) BETWEEN 4 AND 400),
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL,
  UNIQUE (org_id, key, version)
);
CALL guard('incident_plan', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_plan
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON incident_plan TO guitu_app;

-- The nearest organisation's newest version of each plan.
CREATE FUNCTION incident_plans(of_org text)
RETURNS TABLE (org_id text, key text, version int, body jsonb, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT ON (p.key) p.org_id, p.key, p.version, p.body, p.source
  FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  JOIN incident_plan p ON p.org_id = above.id
  WHERE mine.id = of_org ORDER BY p.key, length(above.path) DESC, p.version DESC
$$;

-- 指挥: one incident, many alerts, one commander.
CREATE TABLE incident (
  id           text PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  title        text NOT NULL CHECK (length(title) BETWEEN 2 AND 200),
  plan_key     text NOT NULL,
  plan_version text NOT NULL,                        -- 'product/1', 'county-a/3'
  plan_title   jsonb NOT NULL,
  commander    text NOT NULL REFERENCES app_user (login),
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  opened_by    text NOT NULL,
  opened_at    timestamptz NOT NULL,
  closed_by    text,
  closed_at    timestamptz CHECK (closed_at >= opened_at),
  summary      text CHECK (length(summary) BETWEEN 4 AND 4000),
  version      int NOT NULL DEFAULT 1,
  CHECK ((state = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_by IS NULL)
    AND (closed_at IS NULL) = (summary IS NULL))
);
CREATE INDEX incident_page ON incident (org_id, opened_at DESC, id DESC);
CALL guard('incident', NULL);
GRANT SELECT, INSERT, UPDATE (commander, state, closed_by, closed_at, summary, version) ON incident
  TO guitu_app;

CREATE TABLE incident_alert (
  org_id      text NOT NULL REFERENCES org (id),     -- the incident's
  incident_id text NOT NULL REFERENCES incident (id),
  alert_id    text NOT NULL REFERENCES alert (id),
  added_by    text NOT NULL,
  added_at    timestamptz NOT NULL,
  PRIMARY KEY (incident_id, alert_id)
);
CREATE INDEX incident_alert_alert ON incident_alert (alert_id);
CALL guard('incident_alert', NULL);
GRANT SELECT, INSERT ON incident_alert TO guitu_app;

CREATE TABLE incident_task (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  incident_id text NOT NULL REFERENCES incident (id),
  number      int NOT NULL CHECK (number >= 1),
  text        jsonb NOT NULL,                        -- {"zh", "en"}
  who         text NOT NULL CHECK (who IN ('commander', 'duty_officer', 'duty_lead', 'county')),
  owner       text REFERENCES app_user (login),      -- null: nobody yet; the commander is reminded
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dropped')),
  due_at      timestamptz NOT NULL,
  remind_at   timestamptz,                           -- null: the task asks for nothing any more
  ended_by    text,
  ended_at    timestamptz,
  note        text CHECK (length(note) <= 2000),
  version     int NOT NULL DEFAULT 1,
  UNIQUE (incident_id, number),
  CHECK ((state = 'open') = (remind_at IS NOT NULL) AND (state = 'open') = (ended_at IS NULL)
    AND (ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX incident_task_remind ON incident_task (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX incident_task_owner ON incident_task (owner) WHERE state = 'open';
CALL guard('incident_task', NULL);
GRANT SELECT, INSERT, UPDATE (owner, state, due_at, remind_at, ended_by, ended_at, note, version)
  ON incident_task TO guitu_app;

CREATE TABLE incident_entry (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  incident_id text NOT NULL REFERENCES incident (id),
  kind        text NOT NULL CHECK (kind IN ('opened', 'alert_added', 'noted', 'commander',
    'task_added', 'task_given', 'task_done', 'task_dropped', 'task_overdue', 'closed')),
  by_login    text,                                  -- null: a clock
  note        text CHECK (length(note) <= 4000),
  body        jsonb NOT NULL DEFAULT '{}',
  at          timestamptz NOT NULL
);
CREATE INDEX incident_entry_incident ON incident_entry (incident_id, at, id);
CALL guard('incident_entry', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT (org_id, incident_id, kind, by_login, note, body, at) ON incident_entry TO guitu_app;

REVOKE EXECUTE ON FUNCTION refuse_double_duty(), restart_alert_clock(), look_again(text),
  look_again_at_theirs(), incident_plans(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incident_plans(text) TO guitu_app;
