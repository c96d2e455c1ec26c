-- The alert desk: how an alert is handled, and the clock that never leaves it alone
-- (docs/decisions/0018-alert-desk.md).

ALTER TABLE alert
  DROP CONSTRAINT alert_state_check,
  ADD CONSTRAINT alert_state_check CHECK (state IN
    ('open', 'acknowledged', 'dispatched', 'resolved', 'shelved', 'superseded')),
  ADD COLUMN due_at        timestamptz DEFAULT now(),  -- when it goes to the next person
  ADD COLUMN level         int NOT NULL DEFAULT -1 CHECK (level BETWEEN -1 AND 3),
    -- -1 not routed yet, 0 office, 1 its lead, 2 county, 3 city
  ADD COLUMN assigned_to   text,                     -- a login
  ADD COLUMN shelved_until timestamptz,
  ADD COLUMN shelved_from  text CHECK (shelved_from IN ('open', 'acknowledged')),
  ADD COLUMN group_id      text;
UPDATE alert SET due_at = NULL WHERE state = 'resolved';
ALTER TABLE alert
  -- Whoever waits for a person is on a clock.
  ADD CONSTRAINT alert_on_a_clock CHECK (
    (state IN ('open', 'acknowledged', 'dispatched')) = (due_at IS NOT NULL)),
  ADD CONSTRAINT alert_shelved CHECK ((state = 'shelved') = (shelved_until IS NOT NULL)
    AND (shelved_until IS NULL) = (shelved_from IS NULL)),
  -- Nobody and nothing sets these aside: SOS, strap and tamper.
  ADD CONSTRAINT alert_never_suppressed CHECK (state NOT IN ('shelved', 'superseded')
    OR rule NOT IN ('sos', 'strap', 'case', 'removed'));
CREATE INDEX alert_due ON alert (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_shelf ON alert (shelved_until) WHERE state = 'shelved';
CREATE INDEX alert_group ON alert (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX alert_waiting ON alert (assigned_to, due_at) WHERE due_at IS NOT NULL;
GRANT UPDATE (severity, condition, due_at, level, assigned_to, shelved_until, shelved_from, group_id)
  ON alert TO guitu_app;

ALTER TABLE alert_step
  DROP CONSTRAINT alert_step_step_check,
  ADD CONSTRAINT alert_step_step_check CHECK (step IN (
    'raised', 'amended', 'cleared', 'superseded',
    'routed', 'escalated', 'acknowledged', 'dispatched', 'accepted', 'en_route', 'on_site', 'reported',
    'shelved', 'unshelved', 'reopened', 'verified', 'resolved', 'noted', 'reviewed')),
  ADD COLUMN body jsonb NOT NULL DEFAULT '{}';

-- 核实: who is to find out, by when, and what was found. As open as the alert itself: it must reach
-- who is on duty, and names nobody.
CREATE TABLE alert_verification (
  id            text PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  alert_id      text NOT NULL REFERENCES alert (id),
  means         text NOT NULL CHECK (means IN ('field_visit', 'call', 'device_check', 'records')),
  assigned_to   text NOT NULL,
  asked_by      text NOT NULL,
  asked_at      timestamptz NOT NULL,
  due_at        timestamptz NOT NULL CHECK (due_at >= asked_at),
  state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'cancelled')),
  outcome       text CHECK (outcome IN ('founded', 'unfounded', 'inconclusive')),
  happened_time timestamptz,
  report        text CHECK (length(report) BETWEEN 2 AND 2000),
  done_by       text,
  done_at       timestamptz CHECK (done_at >= asked_at),
  version       int NOT NULL DEFAULT 1,
  CHECK ((state = 'done') = (outcome IS NOT NULL AND report IS NOT NULL AND happened_time IS NOT NULL
    AND done_by IS NOT NULL)),
  CHECK ((state = 'open') = (done_at IS NULL)),
  CHECK (happened_time <= done_at)
);
CREATE INDEX alert_verification_alert ON alert_verification (alert_id, asked_at);
CREATE INDEX alert_verification_open ON alert_verification (org_id, due_at) WHERE state = 'open';
CALL guard('alert_verification', NULL);
GRANT SELECT, INSERT, UPDATE (state, means, outcome, happened_time, report, done_by, done_at, version)
  ON alert_verification TO guitu_app;

-- 证据固定: what was known when a fact was confirmed; canonical JSON, hashed and signed.
CREATE TABLE fact_record (
  fact_id    text PRIMARY KEY REFERENCES fact (id),
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  content    text NOT NULL CHECK (length(content) <= 400000),
  sha256     bytea NOT NULL CHECK (length(sha256) = 32),
  key_id     text CHECK (key_id ~ '^[0-9a-f]{16}$'),  -- null: the site has no key to sign with
  signature  bytea CHECK (length(signature) = 64),
  signed_at  timestamptz NOT NULL DEFAULT now(),
  CHECK ((key_id IS NULL) = (signature IS NULL))
);
CALL guard_record('fact_record', 'subject_id');
GRANT SELECT, INSERT (fact_id, org_id, subject_id, content, sha256, key_id, signature)
  ON fact_record TO guitu_app;

-- 复核: what speaks against a confirmed fact; a named person upholds or reverses it, nothing else does.
CREATE TABLE fact_review (
  id         text PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  fact_id    text NOT NULL REFERENCES fact (id),
  alert_id   text REFERENCES alert (id),
  cause      text NOT NULL CHECK (cause IN ('late_data', 'officer', 'objection')),
  outcome_id text,                                   -- the late finding that contradicts
  reason     text NOT NULL CHECK (length(reason) BETWEEN 2 AND 2000),
  opened_by  text,                                   -- null: the engine
  opened_at  timestamptz NOT NULL,
  state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'upheld', 'reversed')),
  verdict    text CHECK (verdict IN ('false', 'technical', 'excused')),
  decision   text CHECK (length(decision) BETWEEN 2 AND 2000),
  decided_by text,
  decided_at timestamptz,
  version    int NOT NULL DEFAULT 1,
  CHECK ((state = 'open') = (decided_at IS NULL)),
  CHECK ((decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)),
  CHECK ((state = 'reversed') = (verdict IS NOT NULL))
);
CREATE UNIQUE INDEX fact_review_open ON fact_review (fact_id) WHERE state = 'open';
CREATE INDEX fact_review_fact ON fact_review (fact_id, opened_at);
CREATE INDEX fact_review_page ON fact_review (org_id, opened_at DESC, id DESC);
-- As open as the fact itself: a pseudonym, which must reach who decides.
CALL guard('fact_review', NULL);
GRANT SELECT, INSERT, UPDATE (state, verdict, decision, decided_by, decided_at, version)
  ON fact_review TO guitu_app;
-- Late data comes with a gateway's request.
GRANT SELECT (id, org_id, subject_id, evidence) ON fact TO guitu_ingest;
GRANT SELECT, INSERT ON fact_review TO guitu_ingest;
