-- Positioning orders from application to end, wristbands within them, information checks, and
-- movement: leave, permits, permissions (docs/http-orders.md, docs/http-movement.md).

-- 使用电子定位装置审批 (Art. 29). What was not approved stands here and nowhere that a gateway reads.
CREATE TABLE order_application (
  id              text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id          text NOT NULL REFERENCES org (id),
  subject_id      text NOT NULL REFERENCES subject (id),
  ground          int NOT NULL CHECK (ground BETWEEN 1 AND 5),
  reason          text NOT NULL CHECK (length(reason) BETWEEN 4 AND 2000),
  evidence        jsonb NOT NULL,                    -- [{"kind", "id"}], each of this person
  months          int NOT NULL CHECK (months BETWEEN 1 AND 3),
  extends_id      text REFERENCES positioning_order (id),
  applied_by      text NOT NULL,
  applied_org     text NOT NULL REFERENCES org (id),
  applied_at      timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'applied'
    CHECK (state IN ('applied', 'approved', 'refused', 'withdrawn')),
  decided_by      text,
  decided_at      timestamptz CHECK (decided_at >= applied_at),
  decision_reason text CHECK (length(decision_reason) <= 2000),
  order_id        text REFERENCES positioning_order (id),
  version         int NOT NULL DEFAULT 1,
  CHECK ((state = 'applied') = (decided_by IS NULL) AND (state = 'applied') = (decided_at IS NULL)),
  CHECK ((state = 'approved') = (order_id IS NOT NULL)),
  -- Whatever a handler does: nobody approves the own application.
  CONSTRAINT order_two_persons CHECK (state NOT IN ('approved', 'refused') OR decided_by <> applied_by)
);
CREATE INDEX order_application_subject ON order_application (subject_id, applied_at DESC, id DESC);
CREATE INDEX order_application_queue ON order_application (org_id, state, applied_at DESC, id DESC);
CREATE UNIQUE INDEX order_application_open ON order_application (subject_id) WHERE state = 'applied';
CALL guard('order_application', 'subject_id');
GRANT SELECT, INSERT, UPDATE (org_id, state, decided_by, decided_at, decision_reason, order_id, version)
  ON order_application TO guitu_app;

ALTER TABLE positioning_order
  ADD COLUMN application_id text REFERENCES order_application (id),
  ADD COLUMN extends_id     text REFERENCES positioning_order (id),
  ADD COLUMN notified_at    timestamptz,             -- 告知本人: told of term, requirements, consequences
  ADD COLUMN lifted_by      text,
  ADD COLUMN lift_reason    text CHECK (length(lift_reason) <= 2000),
  ADD COLUMN version        int NOT NULL DEFAULT 1;
CREATE INDEX positioning_order_org ON positioning_order (org_id, valid_to DESC, id DESC);
-- Decided content stands: an order is told of, and lifted; a change is a new order.
REVOKE UPDATE ON positioning_order FROM guitu_app;
GRANT UPDATE (notified_at, lifted_at, lifted_by, lift_reason, version)
  ON positioning_order TO guitu_app;
REVOKE UPDATE ON binding FROM guitu_app;
GRANT UPDATE (valid_to) ON binding TO guitu_app;

-- 期满前的评估: whether it is still needed. An extension rests on one.
CREATE TABLE order_assessment (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  order_id    text NOT NULL REFERENCES positioning_order (id),
  conclusion  text NOT NULL CHECK (conclusion IN ('extend', 'keep', 'lift')),
  text        text NOT NULL CHECK (length(text) BETWEEN 4 AND 4000),
  assessed_by text NOT NULL,
  assessed_at timestamptz NOT NULL
);
CREATE INDEX order_assessment_order ON order_assessment (order_id, assessed_at);
CALL guard_record('order_assessment', 'subject_id');
GRANT SELECT, INSERT ON order_assessment TO guitu_app;

-- No two orders of one person at one time. The lock makes two that commit at once see each other.
CREATE FUNCTION refuse_order_overlap() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('positioning order ' || NEW.subject_id));
  IF EXISTS (SELECT FROM positioning_order o
             WHERE o.subject_id = NEW.subject_id AND o.id <> NEW.id
               AND o.valid_from < least(NEW.valid_to, NEW.lifted_at)
               AND NEW.valid_from < least(o.valid_to, o.lifted_at)) THEN
    RAISE EXCEPTION 'order % overlaps another order of the person', NEW.id
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'positioning_order_once';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER once AFTER INSERT ON positioning_order
  FOR EACH ROW EXECUTE FUNCTION refuse_order_overlap();

-- Until when orders cover a person without a gap from an instant on; null: not at that instant.
CREATE FUNCTION covered_until(of_subject text, since timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  until timestamptz;
  next_end timestamptz;
BEGIN
  LOOP
    SELECT max(least(o.valid_to, o.lifted_at)) INTO next_end FROM positioning_order o
    WHERE o.subject_id = of_subject AND o.valid_from <= coalesce(until, since)
      AND least(o.valid_to, o.lifted_at) > coalesce(until, since);
    IF next_end IS NULL THEN
      RETURN until;
    END IF;
    until := next_end;
  END LOOP;
END $$;

-- 佩戴以决定为前提: a wristband is put on a person only while an order is in force, and no longer than
-- orders reach. One without an end lasts as long as they do: what ends them ends it too.
CREATE FUNCTION check_wristband() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  until timestamptz;
BEGIN
  IF NEW.holder_kind <> 'subject'
     OR NOT EXISTS (SELECT FROM device d WHERE d.id = NEW.device_id AND d.kind = 'wristband')
     -- A later statement of the transaction may have changed or ended it.
     OR NOT EXISTS (SELECT FROM binding b WHERE b.id = NEW.id AND b.valid_from = NEW.valid_from
                    AND b.valid_to IS NOT DISTINCT FROM NEW.valid_to) THEN
    RETURN NULL;
  END IF;
  IF NEW.valid_to <= NEW.valid_from + interval '1 microsecond' THEN
    RETURN NULL;                                     -- it never held: its order ended as it began
  END IF;
  until := covered_until(NEW.holder_id, NEW.valid_from);
  IF until IS NULL OR NEW.valid_to > until THEN
    RAISE EXCEPTION 'wristband % is bound to % outside of every positioning order',
      NEW.device_id, NEW.holder_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_within_orders';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER within_orders AFTER INSERT OR UPDATE ON binding
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_wristband();

-- End the wristbands of a person where the orders do; returns those that it ended. One without an
-- end gets it when that instant has come.
CREATE FUNCTION end_wristbands(of_subject text, due timestamptz)
RETURNS TABLE (device_id text, ended_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE binding b SET valid_to = greatest(c.until, b.valid_from + interval '1 microsecond')
  FROM (SELECT w.id, coalesce(covered_until(of_subject, w.valid_from), w.valid_from) AS until
        FROM binding w JOIN device d ON d.id = w.device_id AND d.kind = 'wristband'
        WHERE w.holder_kind = 'subject' AND w.holder_id = of_subject) c
  WHERE b.id = c.id AND (b.valid_to > c.until OR (b.valid_to IS NULL AND c.until <= due))
  RETURNING b.device_id, b.valid_to
$$;

-- The same for everybody, whatever made the order; returns how many ended.
CREATE FUNCTION end_due_wristbands() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who record;
  ended bigint := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('guitu registry'));
  FOR who IN
    SELECT DISTINCT b.holder_id, b.org_id FROM binding b JOIN device d ON d.id = b.device_id
    WHERE d.kind = 'wristband' AND b.holder_kind = 'subject' AND b.valid_to IS NULL
      AND coalesce(covered_until(b.holder_id, b.valid_from), b.valid_from) <= now()
    ORDER BY b.holder_id LIMIT 1000
  LOOP
    ended := ended + (SELECT count(*) FROM end_wristbands(who.holder_id, now()));
    INSERT INTO directory_version (org_id, changed_by) VALUES (who.org_id, 'upkeep');
  END LOOP;
  RETURN ended;
END $$;

-- 提前解除: once, and for good; what the person wears ends with it.
CREATE FUNCTION end_with_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.lifted_at IS NOT NULL AND NEW.lifted_at IS DISTINCT FROM OLD.lifted_at THEN
    RAISE EXCEPTION 'order % was lifted: a lifting stands', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'positioning_order_lifted_once';
  END IF;
  -- Bindings that this transaction is writing are ended before they are looked at.
  PERFORM end_wristbands(NEW.subject_id, NEW.lifted_at);
  RETURN NULL;
END $$;
CREATE TRIGGER ends_bindings AFTER UPDATE OF lifted_at ON positioning_order
  FOR EACH ROW EXECUTE FUNCTION end_with_order();

-- What a person has worn stays what it was.
CREATE FUNCTION keep_worn_kind() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.kind <> OLD.kind AND EXISTS (
       SELECT FROM binding b WHERE b.device_id = NEW.id AND b.holder_kind = 'subject') THEN
    RAISE EXCEPTION 'device % was bound to a person as a %: it stays one', NEW.id, OLD.kind
      USING ERRCODE = 'check_violation', CONSTRAINT = 'device_worn_kind';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER worn_kind BEFORE UPDATE OF kind ON device
  FOR EACH ROW EXECUTE FUNCTION keep_worn_kind();

-- Which version of the directory a gateway works by, from when on: what it says of itself when it
-- asks. Append-only.
CREATE TABLE directory_taken (
  gateway_id text NOT NULL REFERENCES gateway (id),
  org_id     text NOT NULL REFERENCES org (id),
  version    bigint NOT NULL,
  taken_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (gateway_id, version)
);
CALL guard('directory_taken', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON directory_taken
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT ON directory_taken TO guitu_app;
GRANT SELECT, INSERT (gateway_id, org_id, version) ON directory_taken TO guitu_ingest;

-- Number a change of what gateways must know, for organisations of the scope; returns the newest
-- number there. A person's own account changes the directory too, by coming back early.
CREATE FUNCTION number_directory(of_orgs text[], by_login text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO directory_version (org_id, changed_by)
  SELECT DISTINCT id, by_login FROM unnest(of_orgs) AS given (id)
  WHERE id = ANY (scope_orgs()) ORDER BY id;
  RETURN (SELECT coalesce(max(version), 0) FROM directory_version WHERE org_id = ANY (scope_orgs()));
END $$;

-- 信息化核查 (Art. 26): a plan whose draw can be proven. The commitment to the seed stands in the
-- record before the first day; the seed itself is shown when the last one is over.
CREATE TABLE check_plan (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  methods    text[] NOT NULL,
  first_day  date NOT NULL,
  last_day   date NOT NULL CHECK (last_day >= first_day AND last_day - first_day < 100),
  windows    jsonb NOT NULL,                         -- [{"start", "end"}], wall clock of Asia/Shanghai
  count      int NOT NULL CHECK (count BETWEEN 1 AND 100),
  answer_min int NOT NULL CHECK (answer_min BETWEEN 10 AND 240),
  seed       bytea NOT NULL CHECK (length(seed) = 32),
  commitment bytea NOT NULL,                         -- SHA-256 of the seed and what it draws from
  planned_by text NOT NULL,
  planned_at timestamptz NOT NULL,
  CHECK ((planned_at AT TIME ZONE 'Asia/Shanghai')::date < first_day)
);
CREATE INDEX check_plan_subject ON check_plan (subject_id, first_day DESC, id DESC);
CALL guard('check_plan', NULL);
GRANT SELECT, INSERT ON check_plan TO guitu_app;

CREATE TABLE information_check (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  plan_id     text REFERENCES check_plan (id),       -- null: asked for on the spot
  method      text NOT NULL CHECK (method IN ('kiosk', 'phone', 'video', 'call', 'visit')),
  due_from    timestamptz NOT NULL,
  due_to      timestamptz NOT NULL CHECK (due_to > due_from),
  purpose     text NOT NULL CHECK (length(purpose) BETWEEN 4 AND 500),
  entered_by  text NOT NULL,
  state       text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'done', 'cancelled')),
  result      text CHECK (result IN
    ('as_expected', 'not_as_expected', 'unreachable', 'inconclusive', 'answered')),
  happened_time timestamptz,
  note        text CHECK (length(note) <= 2000),
  done_by     text,
  -- One position on demand: once, and only of a check by phone.
  lon_e7      int,
  lat_e7      int,
  accuracy_mm int CHECK (accuracy_mm > 0),
  version     int NOT NULL DEFAULT 1,
  CHECK ((lon_e7 IS NULL) = (lat_e7 IS NULL) AND (lon_e7 IS NULL OR method = 'phone')),
  CHECK ((state = 'done') = (result IS NOT NULL))
);
CREATE INDEX information_check_subject ON information_check (subject_id, due_from DESC, id DESC);
CREATE INDEX information_check_org ON information_check (org_id, due_from DESC, id DESC);
CALL guard('information_check', 'subject_id');
GRANT SELECT, INSERT, UPDATE (org_id, state, result, happened_time, note, done_by, lon_e7, lat_e7,
  accuracy_mm, version) ON information_check TO guitu_app;

-- 请假外出 (measures 26-28): what was asked for; approved, it is a row of `leave`.
CREATE TABLE leave_application (
  id              text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id          text NOT NULL REFERENCES org (id),
  subject_id      text NOT NULL REFERENCES subject (id),
  ground          text NOT NULL CHECK (ground IN
    ('medical', 'schooling', 'litigation', 'family', 'work', 'other')),
  reason          text NOT NULL CHECK (length(reason) BETWEEN 4 AND 2000),
  proof           jsonb NOT NULL,                    -- [{"title", "sha256"?}]
  destination     text NOT NULL CHECK (length(destination) BETWEEN 2 AND 200),
  route           text CHECK (length(route) <= 1000),
  place           jsonb,                             -- {"longitude_deg", "latitude_deg", "radius_m"}, WGS-84
  from_time       timestamptz NOT NULL,
  to_time         timestamptz NOT NULL CHECK (to_time > from_time),
  days            int NOT NULL CHECK (days BETWEEN 1 AND 366),
  urgent_reason   text CHECK (length(urgent_reason) BETWEEN 4 AND 500),
  tier            text NOT NULL CHECK (tier IN ('office', 'county', 'city')),
  applied_by      text NOT NULL,
  applied_at      timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'applied' CHECK (state IN
    ('applied', 'verified', 'approved', 'refused', 'withdrawn', 'returned')),
  verified_by     text,
  verified_at     timestamptz,
  opinion         text CHECK (length(opinion) <= 2000),
  decided_by      text,
  decided_at      timestamptz CHECK (decided_at >= applied_at),
  decision_reason text CHECK (length(decision_reason) <= 2000),
  returned_time   timestamptz,                       -- as claimed
  version         int NOT NULL DEFAULT 1,
  CONSTRAINT leave_two_persons CHECK (state NOT IN ('approved', 'refused') OR decided_by <> applied_by)
);
CREATE INDEX leave_application_subject ON leave_application (subject_id, from_time DESC, id DESC);
CREATE INDEX leave_application_queue ON leave_application (org_id, applied_at DESC, id DESC);
CALL guard('leave_application', 'subject_id');
GRANT SELECT, INSERT, UPDATE (org_id, tier, state, verified_by, verified_at, opinion, decided_by,
  decided_at, decision_reason, returned_time, version) ON leave_application TO guitu_app;

-- 协助监管: the destination's agency is asked, and answers.
CREATE TABLE leave_assistance (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),     -- who asks
  to_org      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  leave_id    text NOT NULL REFERENCES leave_application (id),
  person_name text NOT NULL,
  destination text NOT NULL,
  from_time   timestamptz NOT NULL,
  to_time     timestamptz NOT NULL,
  request     text NOT NULL CHECK (length(request) BETWEEN 4 AND 1000),
  asked_by    text NOT NULL,
  asked_at    timestamptz NOT NULL,
  state       text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'accepted', 'declined')),
  answered_by text,
  answered_at timestamptz,
  answer      text CHECK (length(answer) <= 1000),
  arrived_time  timestamptz,
  departed_time timestamptz CHECK (departed_time >= arrived_time),
  version     int NOT NULL DEFAULT 1
);
CREATE INDEX leave_assistance_to ON leave_assistance (to_org, asked_at DESC, id DESC);
CREATE INDEX leave_assistance_leave ON leave_assistance (leave_id);
ALTER TABLE leave_assistance ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON leave_assistance
  USING (org_id = ANY ((SELECT scope_orgs())::text[]) OR to_org = ANY ((SELECT scope_orgs())::text[]))
  WITH CHECK (org_id = ANY ((SELECT scope_orgs())::text[])
    OR to_org = ANY ((SELECT scope_orgs())::text[]));
CALL guard_own('leave_assistance', NULL);
GRANT SELECT, INSERT, UPDATE (state, answered_by, answered_at, answer, arrived_time, departed_time,
  version) ON leave_assistance TO guitu_app;

-- The clock of the request runs with who asked; the answer meets it from the other county.
CREATE FUNCTION meet_assistance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE deadline SET state = 'met', ended_at = NEW.answered_at
  WHERE kind = 'assistance_answer' AND ref_kind = 'assistance' AND ref_id = NEW.id
    AND state = 'open' AND due_at > NEW.answered_at;
  UPDATE deadline SET met_late = true
  WHERE kind = 'assistance_answer' AND ref_kind = 'assistance' AND ref_id = NEW.id
    AND state = 'lapsed';
  RETURN NULL;
END $$;
CREATE TRIGGER answered AFTER UPDATE OF state ON leave_assistance
  FOR EACH ROW WHEN (OLD.state = 'asked' AND NEW.state <> 'asked')
  EXECUTE FUNCTION meet_assistance();

-- 经常性跨市县活动 (measures 29), and places and contacts by permission (measures 25, 39).
CREATE TABLE permission_application (
  id              text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id          text NOT NULL REFERENCES org (id),
  subject_id      text NOT NULL REFERENCES subject (id),
  kind            text NOT NULL CHECK (kind IN ('cross_county', 'place', 'contact')),
  reason          text NOT NULL CHECK (length(reason) BETWEEN 4 AND 2000),
  proof           jsonb NOT NULL,
  body            jsonb NOT NULL,                    -- by kind: places and times; fence; pair
  from_time       timestamptz NOT NULL,
  to_time         timestamptz NOT NULL CHECK (to_time > from_time),
  applied_by      text NOT NULL,
  applied_at      timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'applied' CHECK (state IN
    ('applied', 'approved', 'refused', 'withdrawn')),
  decided_by      text,
  decided_at      timestamptz CHECK (decided_at >= applied_at),
  decision_reason text CHECK (length(decision_reason) <= 2000),
  version         int NOT NULL DEFAULT 1,
  CONSTRAINT permission_two_persons
    CHECK (state NOT IN ('approved', 'refused') OR decided_by <> applied_by)
);
CREATE INDEX permission_application_subject
  ON permission_application (subject_id, applied_at DESC, id DESC);
CREATE INDEX permission_application_queue ON permission_application (org_id, applied_at DESC, id DESC);
CALL guard('permission_application', 'subject_id');
GRANT SELECT, INSERT, UPDATE (org_id, state, decided_by, decided_at, decision_reason, version)
  ON permission_application TO guitu_app;

REVOKE EXECUTE ON FUNCTION refuse_order_overlap(), covered_until(text, timestamptz), check_wristband(),
  end_wristbands(text, timestamptz), end_due_wristbands(), end_with_order(), keep_worn_kind(),
  meet_assistance(), number_directory(text[], text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION covered_until(text, timestamptz), end_wristbands(text, timestamptz),
  number_directory(text[], text) TO guitu_app;
GRANT EXECUTE ON FUNCTION end_due_wristbands() TO guitu_ingest;
