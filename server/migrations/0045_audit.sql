-- 证据链: one hash chain per organisation over what happened (docs/decisions/0031-evidence-chain.md).
-- Writers wait for nobody: a trigger notes each new row, and the sealer chains what has been committed.

-- Rows that wait to be sealed. Taken by deletion, so that a row which is committed late under an
-- early id is found all the same: only what is committed is there to be taken.
CREATE TABLE audit_pending (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id text NOT NULL,
  source text NOT NULL,
  row_id text NOT NULL,
  at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_pending_org ON audit_pending (org_id, id);
CREATE INDEX audit_pending_row ON audit_pending (source, row_id);

-- A lawful destruction: which leaves of the chain lost salt and content, and on what basis.
CREATE TABLE audit_destruction (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id    text NOT NULL REFERENCES org (id),
  basis     text NOT NULL CHECK (length(basis) BETWEEN 4 AND 500),
  by_login  text,                                     -- null: the system's own clock
  positions bigint[] NOT NULL CHECK (cardinality(positions) > 0),
  at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_destruction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

-- A batch of leaves under one Merkle root, linked to the batch before it.
CREATE TABLE audit_block (
  org_id         text NOT NULL REFERENCES org (id),
  number         bigint NOT NULL CHECK (number >= 1),
  first_position bigint NOT NULL CHECK (first_position >= 1),
  leaf_count     int NOT NULL CHECK (leaf_count >= 1),
  algorithm      text NOT NULL CHECK (algorithm IN ('sha256', 'sm3')),
  software       text NOT NULL,
  sealed_at      timestamptz NOT NULL,
  root           bytea NOT NULL CHECK (length(root) = 32),
  prev_hash      bytea NOT NULL CHECK (length(prev_hash) = 32),
  hash           bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (org_id, number)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_block
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

-- A salted commitment to one row. Without the salt it cannot be tried against guesses, and the
-- row's id goes with the salt: what stays says only that there was something.
CREATE TABLE audit_leaf (
  org_id         text NOT NULL REFERENCES org (id),
  position       bigint NOT NULL CHECK (position >= 1),
  source         text NOT NULL,
  form           smallint NOT NULL,                   -- of its content (server/audit/sources.py)
  row_id         text,
  salt           bytea CHECK (length(salt) = 16),
  commitment     bytea NOT NULL CHECK (length(commitment) = 32),
  destruction_id bigint REFERENCES audit_destruction (id),
  PRIMARY KEY (org_id, position),
  CHECK ((salt IS NULL) = (row_id IS NULL) AND (salt IS NULL) = (destruction_id IS NOT NULL))
);
-- A row is sealed once. One whose content was destroyed lawfully may be sealed again as it is since.
CREATE UNIQUE INDEX audit_leaf_row ON audit_leaf (source, row_id);
CREATE INDEX audit_leaf_destroyed ON audit_leaf (destruction_id) WHERE destruction_id IS NOT NULL;

CREATE FUNCTION keep_leaf() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.salt IS NOT NULL AND NEW.salt IS NULL
    AND (NEW.org_id, NEW.position, NEW.source, NEW.form, NEW.commitment)
      = (OLD.org_id, OLD.position, OLD.source, OLD.form, OLD.commitment) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_leaf is append-only: destroy_audited() takes a salt away, nothing else';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_leaf
  FOR EACH ROW EXECUTE FUNCTION keep_leaf();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_leaf
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

-- The signed state of a chain after a block.
CREATE TABLE audit_checkpoint (
  org_id    text NOT NULL,
  number    bigint NOT NULL,
  statement text NOT NULL,                            -- canonical JSON; what is signed
  key_id    text NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
  signature bytea NOT NULL CHECK (length(signature) = 64),
  PRIMARY KEY (org_id, number),
  FOREIGN KEY (org_id, number) REFERENCES audit_block (org_id, number)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

-- Which checkpoints have left the database.
CREATE TABLE audit_anchor (
  org_id text NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (org_id, number),
  FOREIGN KEY (org_id, number) REFERENCES audit_checkpoint (org_id, number)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchor
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

CALL guard('audit_pending', NULL);
CALL guard('audit_destruction', NULL);
CALL guard('audit_block', NULL);
CALL guard('audit_leaf', NULL);
CALL guard('audit_checkpoint', NULL);
CALL guard('audit_anchor', NULL);
GRANT SELECT, DELETE ON audit_pending TO guitu_app;
GRANT SELECT, INSERT ON audit_block, audit_leaf, audit_checkpoint, audit_anchor TO guitu_app;
GRANT SELECT ON audit_destruction TO guitu_app;

-- Notes new rows of a covered table. Its argument is the table's key.
CREATE FUNCTION await_sealing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- Each branch is planned once for its table; the other one, without that column, never is.
  IF TG_ARGV[0] = 'fact_id' THEN
    INSERT INTO audit_pending (org_id, source, row_id)
    SELECT org_id, TG_TABLE_NAME, fact_id FROM added;
  ELSE
    INSERT INTO audit_pending (org_id, source, row_id)
    SELECT org_id, TG_TABLE_NAME, id::text FROM added ORDER BY id;
  END IF;
  RETURN NULL;
END $$;

-- Takes salt and id from the leaves of rows whose content is destroyed lawfully; returns how many
-- there were. What was not sealed yet leaves nothing behind.
CREATE FUNCTION destroy_audited(of_source text, of_rows text[], of_basis text, of_login text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  chain record;
  record_id bigint;
  leaf_count bigint := 0;
BEGIN
  -- First what waits: a sealer that has it in hand is waited for, and its leaf is seen below.
  DELETE FROM audit_pending WHERE source = of_source AND row_id = ANY (of_rows);
  FOR chain IN
    SELECT l.org_id, array_agg(l.position ORDER BY l.position) AS positions FROM audit_leaf l
    WHERE l.source = of_source AND l.row_id = ANY (of_rows) GROUP BY l.org_id ORDER BY l.org_id
  LOOP
    INSERT INTO audit_destruction (org_id, basis, by_login, positions)
    VALUES (chain.org_id, of_basis, of_login, chain.positions) RETURNING id INTO record_id;
    UPDATE audit_leaf l SET salt = NULL, row_id = NULL, destruction_id = record_id
    WHERE l.org_id = chain.org_id AND l.position = ANY (chain.positions);
    leaf_count := leaf_count + cardinality(chain.positions);
  END LOOP;
  RETURN leaf_count;
END $$;

-- What an outcome keeps after its order was lifted is sealed anew; what it lost is destroyed.
CREATE FUNCTION reseal_outcomes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM destroy_audited('outcome', (SELECT coalesce(array_agg(id), '{}') FROM added),
    '定位决定提前解除，其后的位置已销毁 / places after the lifting of the order were destroyed', NULL);
  INSERT INTO audit_pending (org_id, source, row_id)
  SELECT org_id, 'outcome', id FROM added ORDER BY id;
  RETURN NULL;
END $$;
CREATE TRIGGER reseal AFTER UPDATE ON outcome REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION reseal_outcomes();

REVOKE EXECUTE ON FUNCTION await_sealing(), keep_leaf(), reseal_outcomes(),
  destroy_audited(text, text[], text, text) FROM PUBLIC;

-- Rows from before this version are sealed too, in the order that they were written in.
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT * FROM (VALUES
      ('act', 'id', 'id'), ('alert_step', 'id', 'id'), ('outcome', 'id', 'ingested_at, id'),
      ('fact', 'id', 'confirmed_at, id'), ('fact_record', 'fact_id', 'signed_at, fact_id'),
      ('score_entry', 'id', 'id'), ('document', 'id', 'recorded_at, id'),
      ('access_log', 'id', 'id'), ('audit_destruction', 'id', 'id')
    ) AS covered (name, key, in_order)
  LOOP
    EXECUTE format('INSERT INTO audit_pending (org_id, source, row_id)'
      ' SELECT org_id, %L, %I::text FROM %I ORDER BY %s', t.name, t.key, t.name, t.in_order);
    EXECUTE format('CREATE TRIGGER await_sealing AFTER INSERT ON %I REFERENCING NEW TABLE AS added'
      ' FOR EACH STATEMENT EXECUTE FUNCTION await_sealing(%L)', t.name, t.key);
  END LOOP;
END $$;
