-- 个人信息权利 (PIPL Arts. 24, 45, 46; CCL Art. 34): what a person asks about the own data, and the answer;
-- 个人信息保护影响评估 (PIPL Arts. 55, 56): the register.

CREATE TABLE data_request (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  kind        text NOT NULL CHECK (kind IN ('access', 'correction', 'explanation', 'complaint')),
  words       text NOT NULL CHECK (length(words) BETWEEN 2 AND 2000),
  filed_by    text NOT NULL,
  filed_at    timestamptz NOT NULL,
  on_behalf   boolean NOT NULL,                        -- an officer took it down
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'granted', 'partly', 'refused')),
  answer      text CHECK (length(answer) BETWEEN 2 AND 2000),
  answered_by text,
  answered_at timestamptz,
  document_id text REFERENCES document (id),
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'open') = (answer IS NULL)),
  CHECK (num_nonnulls(answer, answered_by, answered_at) IN (0, 3))
);
CREATE INDEX data_request_subject ON data_request (subject_id, filed_at DESC, id DESC);
CREATE INDEX data_request_org ON data_request (org_id, filed_at DESC, id DESC);
CALL guard('data_request', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, answer, answered_by, answered_at, document_id, version)
  ON data_request TO guitu_app;

CREATE TABLE impact_assessment (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  activity    text NOT NULL CHECK (length(activity) BETWEEN 4 AND 200),   -- 处理活动
  article     text NOT NULL,                                              -- the legal basis
  purpose     text NOT NULL CHECK (length(purpose) BETWEEN 4 AND 2000),
  risk        text NOT NULL CHECK (length(risk) BETWEEN 4 AND 4000),
  risk_level  text NOT NULL CHECK (risk_level IN ('low', 'medium', 'high')),
  measures    text NOT NULL CHECK (length(measures) BETWEEN 4 AND 4000),  -- 保护措施
  made_by     text NOT NULL,
  made_at     timestamptz NOT NULL,
  valid_until date NOT NULL,
  state       text NOT NULL DEFAULT 'made' CHECK (state IN ('made', 'approved', 'refused', 'replaced')),
  reviewed_by text CHECK (reviewed_by <> made_by),
  reviewed_at timestamptz,
  review_note text CHECK (length(review_note) <= 2000),
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'made') = (reviewed_by IS NULL)),
  CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL))
);
CREATE UNIQUE INDEX impact_assessment_one ON impact_assessment (org_id, activity)
  WHERE state = 'approved';
CREATE INDEX impact_assessment_org ON impact_assessment (org_id, made_at DESC, id DESC);
CALL guard('impact_assessment', NULL);
GRANT SELECT, INSERT, UPDATE (state, reviewed_by, reviewed_at, review_note, version)
  ON impact_assessment TO guitu_app;
