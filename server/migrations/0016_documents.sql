-- Documents (文书): what was issued, to the byte, its number, its service and its copies
-- (docs/decisions/0016-documents.md).

-- The last number of an organisation, kind and year. Its row is held until the document's transaction
-- ends: numbers have no gap, and one that was rolled back is given again.
CREATE TABLE document_count (
  org_id text NOT NULL REFERENCES org (id),
  kind   text NOT NULL,
  year   int NOT NULL,
  last   int NOT NULL CHECK (last > 0),
  PRIMARY KEY (org_id, kind, year)
);
CALL guard('document_count', NULL);
GRANT SELECT, INSERT, UPDATE (last) ON document_count TO guitu_app;

CREATE TABLE document (
  id               text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id           text NOT NULL REFERENCES org (id),  -- who issued it
  subject_id       text REFERENCES subject (id),       -- null: an investigation before a sentence
  kind             text NOT NULL,
  template_version int NOT NULL,
  year             int NOT NULL,
  seq              int NOT NULL CHECK (seq > 0),
  number           text NOT NULL,                      -- 文号
  is_own           boolean NOT NULL,                   -- the person reads it in the own account
  ref_kind         text NOT NULL,
  ref_id           text NOT NULL,
  body             jsonb NOT NULL,                     -- the values
  content          bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 4194304),
  sha256           text NOT NULL,
  issued_at        timestamptz NOT NULL,
  issued_by        text NOT NULL,
  recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  act_id           bigint NOT NULL REFERENCES act (id),
  UNIQUE (org_id, kind, year, seq),
  CONSTRAINT document_hash CHECK (sha256 = encode(sha256(content), 'hex'))
);
-- A PDF is compressed already.
ALTER TABLE document ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX document_subject ON document (subject_id, issued_at DESC, id DESC);
CREATE INDEX document_org ON document (org_id, issued_at DESC, id DESC);
CREATE INDEX document_ref ON document (ref_kind, ref_id);
CALL guard_record('document', 'subject_id');
CREATE POLICY own_kinds ON document AS RESTRICTIVE TO guitu_app
  USING ((SELECT own_subject()) IS NULL OR is_own);
GRANT SELECT, INSERT (id, org_id, subject_id, kind, template_version, year, seq, number, is_own,
  ref_kind, ref_id, body, content, sha256, issued_at, issued_by, act_id) ON document TO guitu_app;

-- 送达, once.
CREATE TABLE document_service (
  document_id text PRIMARY KEY REFERENCES document (id),
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text REFERENCES subject (id),
  method      text NOT NULL,                           -- code table `service`
  recipient   text NOT NULL CHECK (length(recipient) BETWEEN 1 AND 200),
  note        text CHECK (length(note) <= 1000),
  served_time timestamptz NOT NULL,                    -- as claimed
  by_login    text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL guard_record('document_service', 'subject_id');
GRANT SELECT, INSERT (document_id, org_id, subject_id, method, recipient, note, served_time, by_login)
  ON document_service TO guitu_app;

-- 抄送, once for each body, and its receipt (回执).
CREATE TABLE document_copy (
  document_id text NOT NULL REFERENCES document (id),
  recipient   text NOT NULL,                           -- code table `copy_to`
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text REFERENCES subject (id),
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  sent_time   timestamptz NOT NULL,
  by_login    text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (document_id, recipient)
);
CALL guard_record('document_copy', 'subject_id');
GRANT SELECT, INSERT (document_id, recipient, org_id, subject_id, name, sent_time, by_login)
  ON document_copy TO guitu_app;

CREATE TABLE document_receipt (
  document_id   text NOT NULL,
  recipient     text NOT NULL,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text REFERENCES subject (id),
  received_time timestamptz NOT NULL,
  receipt       text NOT NULL CHECK (length(receipt) BETWEEN 1 AND 300),
  by_login      text NOT NULL,
  recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (document_id, recipient),
  FOREIGN KEY (document_id, recipient) REFERENCES document_copy (document_id, recipient)
);
CALL guard_record('document_receipt', 'subject_id');
GRANT SELECT, INSERT (document_id, recipient, org_id, subject_id, received_time, receipt, by_login)
  ON document_receipt TO guitu_app;
