-- 月结: what every score of an organisation was at the end of a month, as it was known when the month
-- was closed. Never rewritten: what comes later changes what is known of the month, not what was shown.
CREATE TABLE score_close (
  org_id         text NOT NULL REFERENCES org (id),
  month          int NOT NULL,                       -- year * 12 + month - 1
  policy_version text NOT NULL,
  people         int NOT NULL,
  total_milli    bigint NOT NULL,                    -- of all, in thousandths
  last_entry     bigint,                             -- the ledger's newest line that it covers
  head_hash      bytea,                              -- of the organisation's chain then
  ends_at        timestamptz NOT NULL,               -- the month's end: lines before it count
  closed_at      timestamptz NOT NULL,
  PRIMARY KEY (org_id, month)
);
CALL guard('score_close', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_close
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON score_close TO guitu_app;

CREATE TABLE score_month (
  org_id           text NOT NULL REFERENCES org (id),
  subject_id       text NOT NULL REFERENCES subject (id),
  month            int NOT NULL,
  public_milli     bigint,                           -- null: no figure was known
  management_milli bigint NOT NULL,
  dimensions       jsonb NOT NULL,                   -- thousandths by dimension
  grade            text NOT NULL CHECK (grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  out_of_milli     bigint NOT NULL,
  PRIMARY KEY (subject_id, month, org_id)
);
CREATE INDEX score_month_org ON score_month (org_id, month);
CALL guard_record('score_month', 'subject_id');
GRANT SELECT, INSERT ON score_month TO guitu_app;
