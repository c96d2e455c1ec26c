-- 分数流转: what a city's score is told of a correction score, for whom, on what basis, and what came
-- back (docs/decisions/0040-scores-over-people.md). Nobody's without a basis of the person's own;
-- minors' and sealed files never.

-- 对照表: a grade becomes a code and points of the receiver's. Proposed by one, signed by another.
CREATE TABLE outflow_mapping (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  receiver    text NOT NULL CHECK (receiver ~ '^[a-z0-9_-]{1,40}$'),
  content     jsonb NOT NULL CHECK (pg_column_size(content) <= 65536),
  sha256      bytea NOT NULL,
  state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'signed', 'refused')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by  text CHECK (decided_by <> proposed_by),
  decided_at  timestamptz,
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL))
);
CREATE INDEX outflow_mapping_receiver ON outflow_mapping (org_id, receiver, decided_at DESC);
CALL guard('outflow_mapping', NULL);
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, version) ON outflow_mapping TO guitu_app;

-- 流转依据: that a person's score may go to a receiver, by the person's consent or by a law.
CREATE TABLE outflow_basis (
  id           text PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  receiver     text NOT NULL CHECK (receiver ~ '^[a-z0-9_-]{1,40}$'),
  ground       text NOT NULL CHECK (ground IN ('consent', 'law')),
  document     text NOT NULL CHECK (length(document) BETWEEN 4 AND 400),
  reference    text NOT NULL CHECK (length(reference) BETWEEN 1 AND 100),  -- the receiver's, of the person
  recorded_by  text NOT NULL,
  recorded_at  timestamptz NOT NULL,
  withdrawn_by text,
  withdrawn_at timestamptz CHECK (withdrawn_at >= recorded_at),
  reason       text CHECK (length(reason) <= 400),
  CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
);
CREATE UNIQUE INDEX outflow_basis_standing ON outflow_basis (subject_id, receiver)
  WHERE withdrawn_at IS NULL;
CALL guard('outflow_basis', 'subject_id');
GRANT SELECT, INSERT, UPDATE (withdrawn_by, withdrawn_at, reason) ON outflow_basis TO guitu_app;

-- A message says what a month's close was, or takes one back. Its id is a function of what it says,
-- so that making it twice makes one.
CREATE TABLE outflow_message (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  basis_id    text NOT NULL REFERENCES outflow_basis (id),
  mapping_id  text NOT NULL REFERENCES outflow_mapping (id),
  receiver    text NOT NULL,
  month       int NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('score', 'revocation')),
  revokes     text REFERENCES outflow_message (id),
  because     text CHECK (because IN ('withdrawn', 'corrected')),
  grade       text NOT NULL CHECK (grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  content     jsonb NOT NULL,
  made_at     timestamptz NOT NULL,
  checked_at  timestamptz,                           -- against facts that fell until then
  state       text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'handed_over', 'accepted', 'dropped', 'dead')),
  batch_id    text,
  attempts    int NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
  receipt     text CHECK (length(receipt) <= 400),
  receipt_at  timestamptz,
  CHECK ((kind = 'revocation') = (revokes IS NOT NULL) AND (kind = 'revocation') = (because IS NOT NULL))
);
CREATE UNIQUE INDEX outflow_message_revoked_once ON outflow_message (revokes) WHERE revokes IS NOT NULL;
CREATE INDEX outflow_message_waiting ON outflow_message (org_id, receiver, id) WHERE state = 'waiting';
CREATE INDEX outflow_message_batch ON outflow_message (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX outflow_message_basis ON outflow_message (basis_id, month);
CALL guard('outflow_message', 'subject_id');
GRANT SELECT, INSERT, UPDATE (checked_at, state, batch_id, attempts, receipt, receipt_at) ON outflow_message
  TO guitu_app;
