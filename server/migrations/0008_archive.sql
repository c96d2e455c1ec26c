-- Sealed segments of the gateways' journals, and how they become unreadable
-- (docs/wire/archive-v1.md). guitu_app reads who destroyed what, and no part of any content.

-- One data key for each holder and legal basis, wrapped by the master key that is a file of the
-- server. order_id null: what needs no order (alarms, officers' devices, the frame of a segment).
CREATE TABLE archive_key (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  holder_kind text NOT NULL CHECK (holder_kind ~ '^[a-z]{1,20}$'),
              -- a binding's kinds; 'frame' and 'directory' of the gateway holder_id
  holder_id   text NOT NULL,
  order_id    text REFERENCES positioning_order (id),
  wrapped     bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX archive_key_owner
  ON archive_key (holder_kind, holder_id, coalesce(order_id, ''));

-- How far a gateway's journal is archived. Both digests belong to its last segment; the journal's
-- own is a digest of plain content and therefore wrapped too.
CREATE TABLE archive_mark (
  gateway_id     text PRIMARY KEY REFERENCES gateway (id),
  org_id         text NOT NULL REFERENCES org (id),
  through_seq    bigint NOT NULL,
  chain_digest   bytea NOT NULL,
  journal_digest bytea NOT NULL,
  stored_bytes   bigint NOT NULL CHECK (stored_bytes >= 0)
);

CREATE TABLE archive_segment (
  gateway_id      text NOT NULL REFERENCES gateway (id),
  first_seq       bigint NOT NULL CHECK (first_seq >= 1),
  last_seq        bigint NOT NULL CHECK (last_seq >= first_seq),
  org_id          text NOT NULL REFERENCES org (id),
  begin_at_us     bigint NOT NULL,                   -- the gateway's clock
  end_at_us       bigint NOT NULL,
  previous_digest bytea NOT NULL,
  digest          bytea NOT NULL,                    -- over salted commitments only
  stored_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gateway_id, first_seq)
);

CREATE TABLE archive_part (
  gateway_id text NOT NULL,
  first_seq  bigint NOT NULL,
  part       int NOT NULL,
  org_id     text NOT NULL REFERENCES org (id),
  commitment bytea NOT NULL,                         -- SHA-256 of salt and content
  key_id     bigint,                                 -- no reference: it outlives its key
  sealed     bytea,                                  -- null: destroyed, or never readable
  PRIMARY KEY (gateway_id, first_seq, part),
  FOREIGN KEY (gateway_id, first_seq) REFERENCES archive_segment (gateway_id, first_seq)
);
CREATE INDEX archive_part_key ON archive_part (key_id);

-- Which keys were destroyed, by whom, when and why. Append-only.
CREATE TABLE archive_destruction (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  holder_kind text NOT NULL,
  holder_id   text NOT NULL,
  order_id    text REFERENCES positioning_order (id),  -- null: every basis
  reason      text NOT NULL CHECK (reason IN ('retention', 'lifted', 'asked')),
  why         text NOT NULL CHECK (length(why) BETWEEN 1 AND 500),
  by_login    text NOT NULL,
  key_count   int NOT NULL,
  part_count  int NOT NULL,
  at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX archive_destruction_holder ON archive_destruction (holder_kind, holder_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON archive_destruction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY[
    'archive_key', 'archive_mark', 'archive_segment', 'archive_part', 'archive_destruction'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY scope ON %I USING (org_id = ANY ((SELECT scope_orgs())::text[]))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON archive_key, archive_segment, archive_part TO guitu_ingest;
GRANT SELECT, INSERT, UPDATE ON archive_mark TO guitu_ingest;
GRANT SELECT ON archive_destruction TO guitu_app, guitu_ingest;

-- Destroy the key of a holder and an order, or every key of the holder (of_order null), with the
-- sealed content. A directory names everybody under it, so the directories of the gateways whose
-- scope has the holder go too. Returns the number of the record.
CREATE FUNCTION destroy_archive_keys(
  of_org text, of_kind text, of_holder text, of_order text, reason text, why text, by_login text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  doomed bigint[];
  parts int;
  record bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('archive keys'));
  WITH gone AS (
    DELETE FROM archive_key k
    WHERE (k.holder_kind = of_kind AND k.holder_id = of_holder
        AND (of_order IS NULL OR k.order_id = of_order))
      OR (k.holder_kind = 'directory' AND k.holder_id IN (
        SELECT g.id FROM gateway g JOIN org o ON o.id = g.org_id JOIN org h ON h.id = of_org
        WHERE starts_with(h.path, o.path)))
    RETURNING k.id)
  SELECT coalesce(array_agg(id), '{}') INTO doomed FROM gone;
  UPDATE archive_mark m SET stored_bytes = greatest(0, m.stored_bytes - s.size) FROM (
    SELECT gateway_id, sum(length(sealed)) AS size FROM archive_part
    WHERE key_id = ANY (doomed) AND sealed IS NOT NULL GROUP BY gateway_id) s
  WHERE m.gateway_id = s.gateway_id;
  UPDATE archive_part SET sealed = NULL WHERE key_id = ANY (doomed) AND sealed IS NOT NULL;
  GET DIAGNOSTICS parts = ROW_COUNT;
  INSERT INTO archive_destruction (org_id, holder_kind, holder_id, order_id, reason, why, by_login,
    key_count, part_count)
  VALUES (of_org, of_kind, of_holder, of_order, reason, why, by_login, cardinality(doomed), parts)
  RETURNING id INTO record;
  RETURN record;
END $$;

-- What a named person asks for, within the person's scope. The handler has looked at the role.
CREATE FUNCTION ask_archive_destruction(
  of_org text, of_kind text, of_holder text, of_order text, why text, by_login text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT of_org = ANY (scope_orgs()) THEN
    RAISE EXCEPTION 'organisation % is not in the scope', of_org;
  END IF;
  RETURN destroy_archive_keys(of_org, of_kind, of_holder, of_order, 'asked', why, by_login);
END $$;

-- Where positions end, their journal ends, in the same transaction. The archive knows no finer key
-- than the order: a lifting that is told late takes the order's whole journal along; lawful
-- positions from before it stay in position_report.
CREATE FUNCTION end_archive_with_positions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM destroy_archive_keys(NEW.org_id, 'subject', NEW.subject_id, NEW.order_id, NEW.reason,
    CASE NEW.reason WHEN 'lifted' THEN 'the lifting of the order was told late'
      ELSE 'the positions of the order were due' END, 'upkeep');
  RETURN NULL;
END $$;
CREATE TRIGGER end_archive AFTER INSERT ON position_destruction
  FOR EACH ROW EXECUTE FUNCTION end_archive_with_positions();

REVOKE EXECUTE ON FUNCTION destroy_archive_keys(text, text, text, text, text, text, text),
  ask_archive_destruction(text, text, text, text, text, text), end_archive_with_positions()
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ask_archive_destruction(text, text, text, text, text, text) TO guitu_app;
