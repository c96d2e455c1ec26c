-- 人脸签到: what gateways judged of attempts at kiosks; a verdict and its causes, never a picture.

CREATE TABLE checkin_attempt (
  id             text PRIMARY KEY CHECK (id ~ '^ca-[0-9a-f]{32}$'),
  org_id         text NOT NULL REFERENCES org (id),
  subject_id     text NOT NULL REFERENCES subject (id),
  kiosk_id       text NOT NULL REFERENCES device (id),
  gateway_id     text NOT NULL REFERENCES gateway (id),
  entry_seq      bigint NOT NULL CHECK (entry_seq >= 1),
  attempt        text NOT NULL CHECK (attempt ~ '^[A-Za-z0-9_-]{1,40}$'),
  challenge_time timestamptz NOT NULL,                     -- the kiosk's clock
  response_time  timestamptz NOT NULL,                     -- likewise
  received_at    timestamptz NOT NULL,                     -- the gateway's clock
  verdict        text NOT NULL CHECK (verdict IN ('match', 'no_match', 'inconclusive')),
  causes         text[] NOT NULL CHECK (cardinality(causes) <= 16),
  capture        bytea CHECK (length(capture) = 32),       -- SHA-256 of the picture
  UNIQUE (kiosk_id, attempt)
);
CREATE INDEX checkin_attempt_subject ON checkin_attempt (subject_id, response_time DESC, id DESC);
CREATE INDEX checkin_attempt_org ON checkin_attempt (org_id, response_time DESC, id DESC);
CALL guard_record('checkin_attempt', 'subject_id');
GRANT SELECT ON checkin_attempt TO guitu_app, guitu_ingest;
GRANT INSERT ON checkin_attempt TO guitu_ingest;

-- A match is what a check at a kiosk asked for.
GRANT SELECT (id, org_id, subject_id, method, state, due_from, due_to, version),
  UPDATE (state, result, happened_time, done_by, version) ON information_check TO guitu_ingest;
