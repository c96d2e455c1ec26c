-- 信用矫正分: policies by version, double entry, facts that fell, facts packed by month
-- (docs/decisions/0036-score-policy-and-ledger.md).

-- 评分方案: proposed by one, signed by another, in force from the first day of a month to come, for
-- the organisation and those below it. What was signed never changes.
CREATE TABLE score_policy (
  version     text PRIMARY KEY CHECK (version ~ '^[A-Za-z0-9_.-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  content     text NOT NULL CHECK (length(content) <= 262144),
  sha256      bytea NOT NULL CHECK (sha256 = sha256(convert_to(content, 'UTF8'))),
  state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'signed', 'refused')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by  text CHECK (decided_by <> proposed_by),
  decided_at  timestamptz CHECK (decided_at >= proposed_at),
  note        text CHECK (length(note) <= 2000),
  valid_from  date CHECK (extract(day FROM valid_from) = 1),
  record      text,                                  -- canonical JSON, as it was signed
  key_id      text,
  signature   bytea,
  edition     int NOT NULL DEFAULT 1,                -- optimistic concurrency; the ETag
  CHECK ((state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)),
  CHECK ((state = 'signed') = (valid_from IS NOT NULL))
);
CREATE INDEX score_policy_org ON score_policy (org_id, proposed_at DESC, version DESC);
CALL guard('score_policy', NULL);
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note, valid_from, record, key_id,
  signature, edition) ON score_policy TO guitu_app;

CREATE FUNCTION keep_signed_policy() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR NEW.version <> OLD.version
     OR NEW.content <> OLD.content OR NEW.org_id <> OLD.org_id THEN
    RAISE EXCEPTION 'a scoring policy is never rewritten: propose another version'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'score_policy_stays';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_signed_policy() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON score_policy
  FOR EACH ROW EXECUTE FUNCTION keep_signed_policy();

-- What was signed for an organisation and those above it; a policy is no secret.
CREATE FUNCTION score_policies(of_org text)
RETURNS TABLE (version text, valid_from date, depth int, content text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.version, p.valid_from, length(above.path), p.content
  FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  JOIN score_policy p ON p.org_id = above.id
  WHERE mine.id = of_org AND p.state = 'signed'
  ORDER BY p.valid_from, length(above.path), p.decided_at
$$;
REVOKE EXECUTE ON FUNCTION score_policies(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION score_policies(text) TO guitu_app;

-- A fact that fell: reversed on review, or the act that it came from was taken back. The fact stays.
CREATE TABLE fact_void (
  fact_id    text PRIMARY KEY REFERENCES fact (id),
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  because    text NOT NULL CHECK (length(because) BETWEEN 2 AND 200),
  by_login   text NOT NULL,
  at         timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE fact_void ENABLE ROW LEVEL SECURITY;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact_void
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON fact_void TO guitu_app;
INSERT INTO fact_void (fact_id, org_id, subject_id, because, by_login, at)
  SELECT f.id, f.org_id, f.subject_id, 'review ' || v.id, coalesce(v.decided_by, 'review'),
    coalesce(v.decided_at, now())
  FROM fact f JOIN fact_review v ON v.fact_id = f.id AND v.state = 'reversed'
  ON CONFLICT DO NOTHING;

-- Double entry: a line moves points between the person's account of an indicator and the account of
-- the policy, so that both sides of every line add up to nothing. Points are kept in thousandths too.
ALTER TABLE score_entry
  ADD COLUMN account      text,
  ADD COLUMN contra       text GENERATED ALWAYS AS ('policy/' || policy_version) STORED,
  ADD COLUMN points_milli bigint GENERATED ALWAYS AS ((points * 1000)::bigint) STORED,
  ADD COLUMN reverses     bigint REFERENCES score_entry (id);
ALTER TABLE score_entry DISABLE TRIGGER append_only;
UPDATE score_entry SET reverses = (evidence ->> 'reverses')::bigint WHERE indicator = 'reversal';
UPDATE score_entry e SET account = coalesce(
  (SELECT r.indicator FROM score_entry r WHERE r.id = e.reverses), e.indicator);
ALTER TABLE score_entry ENABLE TRIGGER append_only;
ALTER TABLE score_entry ALTER COLUMN account SET NOT NULL;
-- A fact is posted again when another one changes what it counts: once standing, not once ever.
DROP INDEX score_entry_once;
CREATE UNIQUE INDEX score_entry_reversed_once ON score_entry (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX score_entry_fact ON score_entry (fact_id) WHERE fact_id IS NOT NULL;
CREATE INDEX score_entry_account ON score_entry (subject_id, account, effective_at);
CREATE INDEX fact_account ON fact (subject_id, indicator, occurred_at);

-- What counts of a person and a month, packed for populations: 12 bytes a fact, big-endian: the
-- number of its kind (int2), the day of the month (int2), thousandths of its quantity (int4), the
-- day it became known (int4, from 1970). One that fell is a second one with its quantity negated.
-- Months are numbered year * 12 + month - 1, by the calendar of Asia/Shanghai.
CREATE TABLE score_month_facts (
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  month      int NOT NULL,
  packed     bytea NOT NULL CHECK (length(packed) % 12 = 0),
  PRIMARY KEY (org_id, subject_id, month)
);
CREATE INDEX score_month_facts_subject ON score_month_facts (subject_id, month);
ALTER TABLE score_month_facts ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE (packed) ON score_month_facts TO guitu_app;

WITH known AS (
  SELECT f.org_id, f.subject_id, f.occurred_at AT TIME ZONE 'Asia/Shanghai' AS local,
    array_position(ARRAY['unapproved_outing', 'device_removal', 'low_battery_neglect',
      'public_service_hour'], f.indicator) - 1 AS kind,
    (f.quantity * 1000)::int AS quantity, f.confirmed_at AS known_at
  FROM fact f JOIN subject s ON s.id = f.subject_id AND NOT s.is_minor
  UNION ALL
  SELECT f.org_id, f.subject_id, f.occurred_at AT TIME ZONE 'Asia/Shanghai',
    array_position(ARRAY['unapproved_outing', 'device_removal', 'low_battery_neglect',
      'public_service_hour'], f.indicator) - 1,
    -(f.quantity * 1000)::int, v.at
  FROM fact f JOIN subject s ON s.id = f.subject_id AND NOT s.is_minor
  JOIN fact_void v ON v.fact_id = f.id
)
INSERT INTO score_month_facts (org_id, subject_id, month, packed)
SELECT org_id, subject_id, (extract(year FROM local) * 12 + extract(month FROM local) - 1)::int,
  string_agg(int2send(kind::int2) || int2send(extract(day FROM local)::int2) || int4send(quantity)
    || int4send((known_at AT TIME ZONE 'Asia/Shanghai')::date - DATE '1970-01-01'), '')
FROM known WHERE kind IS NOT NULL GROUP BY 1, 2, 3;

-- As facts and the ledger: open to who has the file, whatever is sealed; pseudonyms only.
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['fact_void', 'score_month_facts'] LOOP
    EXECUTE format(
      'CREATE POLICY scope ON %1$I USING (org_id = ANY ((SELECT scope_orgs())::text[])'
      ' OR EXISTS (SELECT FROM subject s WHERE s.id = %1$I.subject_id))'
      ' WITH CHECK (org_id = ANY ((SELECT scope_orgs())::text[]))', t);
    EXECUTE format(
      'CREATE POLICY own ON %1$I AS RESTRICTIVE TO guitu_app USING ('
      ' CASE WHEN (SELECT own_subject()) IS NULL THEN true'
      ' ELSE subject_id IS NOT DISTINCT FROM (SELECT own_subject()) END)', t);
  END LOOP;
END $$;
