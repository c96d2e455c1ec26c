-- 执法记录仪音视频: what recorders announce, deliver and prove (docs/decisions/0042-media-evidence.md).

-- One recording. Its id is made of device and the device's own id, so that every hop may repeat.
CREATE TABLE media (
  id           text PRIMARY KEY CHECK (id ~ '^md-[0-9a-f]{32}$'),
  org_id       text NOT NULL REFERENCES org (id),
  device_id    text NOT NULL REFERENCES device (id),
  gateway_id   text NOT NULL REFERENCES gateway (id),
  entry_seq    bigint NOT NULL CHECK (entry_seq >= 1),
  recording    text NOT NULL CHECK (recording ~ '^[A-Za-z0-9_-]{1,40}$'),
  kind         text NOT NULL CHECK (kind IN ('image', 'audio', 'video', 'other')),
  begin_time   timestamptz NOT NULL,
  end_time     timestamptz NOT NULL CHECK (end_time >= begin_time),
  sha256       bytea NOT NULL CHECK (length(sha256) = 32),   -- the device's word
  size_bytes   bigint NOT NULL CHECK (size_bytes BETWEEN 1 AND 1099511627776),
  officer      text CHECK (officer ~ '^[A-Za-z0-9_-]{1,40}$'),
  case_ref     text CHECK (case_ref ~ '^[A-Za-z0-9_-]{1,40}$'),
  announced_at timestamptz NOT NULL,                         -- the gateway's clock
  due_at       timestamptz NOT NULL,                         -- delivered by then
  state        text NOT NULL DEFAULT 'announced'
                 CHECK (state IN ('announced', 'received', 'stored', 'mismatch', 'destroyed')),
  state_at     timestamptz NOT NULL DEFAULT now(),
  found_sha256 bytea CHECK (length(found_sha256) = 32),      -- of the file that came
  object       text,                                         -- where it lies in the store
  sealed_key   bytea,                                        -- its own, under the site's
  retention    text NOT NULL DEFAULT 'months' CHECK (retention IN ('months', 'case', 'permanent')),
  keep_until   timestamptz,
  version      int NOT NULL DEFAULT 1,
  UNIQUE (device_id, recording),
  CHECK ((state = 'stored') = (object IS NOT NULL) AND (object IS NULL) = (sealed_key IS NULL)),
  CHECK (retention <> 'permanent' OR keep_until IS NULL)
);
CREATE INDEX media_newest ON media (begin_time DESC, id DESC);
CREATE INDEX media_due ON media (due_at) WHERE state IN ('announced', 'mismatch');
CREATE INDEX media_received ON media (state_at) WHERE state = 'received';
CREATE INDEX media_ends ON media (keep_until) WHERE state = 'stored' AND keep_until IS NOT NULL;
CALL guard('media', NULL);
GRANT SELECT ON media TO guitu_app, guitu_ingest;
GRANT INSERT, UPDATE (state, state_at) ON media TO guitu_ingest;
GRANT UPDATE (state, state_at, found_sha256, object, sealed_key, retention, keep_until, version)
  ON media TO guitu_app;

-- A file on its way (tus): how much of it has reached the disk.
CREATE TABLE media_upload (
  id             text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
  org_id         text NOT NULL REFERENCES org (id),
  media_id       text NOT NULL UNIQUE REFERENCES media (id),
  gateway_id     text NOT NULL REFERENCES gateway (id),
  size_bytes     bigint NOT NULL,
  received_bytes bigint NOT NULL DEFAULT 0 CHECK (received_bytes BETWEEN 0 AND size_bytes),
  begun_at       timestamptz NOT NULL DEFAULT now(),
  received_at    timestamptz NOT NULL DEFAULT now()
);
CALL guard('media_upload', NULL);
GRANT SELECT, INSERT, UPDATE (received_bytes, received_at), DELETE ON media_upload TO guitu_ingest;
GRANT SELECT, DELETE ON media_upload TO guitu_app;

-- What a recording belongs to. It stays: a link that was wrong is answered by a right one.
CREATE TABLE media_link (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  media_id   text NOT NULL REFERENCES media (id),
  kind       text NOT NULL CHECK (kind IN ('subject', 'alert', 'task', 'document')),
  ref_id     text NOT NULL CHECK (length(ref_id) BETWEEN 1 AND 128),
  subject_id text REFERENCES subject (id),
  by_login   text NOT NULL,
  note       text CHECK (length(note) <= 500),
  at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (media_id, kind, ref_id),
  CHECK (kind <> 'subject' OR ref_id = subject_id)
);
CREATE INDEX media_link_ref ON media_link (kind, ref_id);
CREATE INDEX media_link_subject ON media_link (subject_id) WHERE subject_id IS NOT NULL;
CALL guard('media_link', 'subject_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON media_link
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER await_sealing AFTER INSERT ON media_link REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION await_sealing('id');
GRANT SELECT, INSERT (org_id, media_id, kind, ref_id, subject_id, by_login, note) ON media_link
  TO guitu_app;

-- What was found when a file came: signed, and a leaf of the evidence chain.
CREATE TABLE media_manifest (
  id        text PRIMARY KEY REFERENCES media (id),
  org_id    text NOT NULL REFERENCES org (id),
  content   text NOT NULL,                                   -- canonical JSON
  sha256    bytea NOT NULL CHECK (length(sha256) = 32),
  key_id    text CHECK (key_id ~ '^[0-9a-f]{16}$'),
  signature bytea CHECK (length(signature) = 64),
  signed_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((key_id IS NULL) = (signature IS NULL))
);
CALL guard('media_manifest', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON media_manifest
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER await_sealing AFTER INSERT ON media_manifest REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION await_sealing('id');
GRANT SELECT, INSERT (id, org_id, content, sha256, key_id, signature) ON media_manifest TO guitu_app;

-- Recordings that show a person whose file is closed to whoever asks; their links are hidden too, so
-- that only a function which sees them can tell.
CREATE FUNCTION closed_media() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.media_id FROM media_link l WHERE l.subject_id IN (SELECT closed_files())
$$;
REVOKE EXECUTE ON FUNCTION closed_media() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closed_media() TO guitu_app;
CREATE POLICY sealed ON media AS RESTRICTIVE FOR SELECT TO guitu_app
  USING (id NOT IN (SELECT closed_media()));
CREATE POLICY sealed ON media_manifest AS RESTRICTIVE FOR SELECT TO guitu_app
  USING (id NOT IN (SELECT closed_media()));

-- 依法保全: what is held of an organisation, or of anybody whom a recording is linked to, is kept.
CREATE FUNCTION media_held(of_media text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM media m LEFT JOIN media_link l ON l.media_id = m.id
    WHERE m.id = of_media AND is_held(m.org_id, l.subject_id))
$$;
REVOKE EXECUTE ON FUNCTION media_held(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION media_held(text) TO guitu_app;

-- What a recorder owes is a trouble of ours as a silent gateway is. What was allowed stays so.
DO $$
DECLARE
  known text;
BEGIN
  SELECT pg_get_expr(conbin, conrelid) INTO STRICT known FROM pg_constraint
  WHERE conname = 'own_trouble_rule_check' AND conrelid = 'own_trouble'::regclass;
  ALTER TABLE own_trouble DROP CONSTRAINT own_trouble_rule_check;
  EXECUTE format('ALTER TABLE own_trouble ADD CONSTRAINT own_trouble_rule_check CHECK (%s'
    ' OR rule IN (''media_overdue'', ''media_mismatch''))', known);
END $$;
