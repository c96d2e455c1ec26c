-- 试算: what a policy would have done to people of a past period, before anybody signs it
-- (docs/decisions/0040-scores-over-people.md). Kept with the draft and never rewritten; who signs
-- names the digest of what was seen.
CREATE TABLE score_trial (
  id             text PRIMARY KEY,
  org_id         text NOT NULL REFERENCES org (id),   -- the policy's
  policy_version text NOT NULL REFERENCES score_policy (version),
  of_org         text NOT NULL REFERENCES org (id),   -- whose people, with those below it
  first_month    int NOT NULL,                        -- the draft is in force from its first day
  last_month     int NOT NULL CHECK (last_month BETWEEN first_month AND first_month + 35),
  content        text NOT NULL CHECK (length(content) <= 1048576),
  sha256         bytea NOT NULL CHECK (sha256 = sha256(convert_to(content, 'UTF8'))),
  warnings       int NOT NULL CHECK (warnings >= 0),
  made_by        text NOT NULL,
  made_at        timestamptz NOT NULL
);
CREATE INDEX score_trial_policy ON score_trial (policy_version, made_at DESC, id DESC);
CALL guard('score_trial', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_trial
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON score_trial TO guitu_app;

-- Who would move between grades, each in a row of its own: a file that is sealed later is closed here too.
CREATE TABLE score_trial_mover (
  trial_id     text NOT NULL REFERENCES score_trial (id),
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  from_grade   text NOT NULL CHECK (from_grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  to_grade     text NOT NULL CHECK (to_grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  before_milli bigint NOT NULL,
  after_milli  bigint NOT NULL,
  reasons      jsonb NOT NULL CHECK (jsonb_array_length(reasons) <= 10),
  PRIMARY KEY (trial_id, subject_id)
);
CALL guard_record('score_trial_mover', 'subject_id');
GRANT SELECT, INSERT ON score_trial_mover TO guitu_app;
