-- Places in what proves a fact: the signed record commits to them, and they lie beside it, so that a
-- lifting of an order that is heard of late destroys them and leaves the signature whole.

ALTER TABLE fact_record ADD COLUMN openings jsonb NOT NULL DEFAULT '{}'
  CHECK (jsonb_typeof(openings) = 'object');
GRANT INSERT (openings) ON fact_record TO guitu_app;
CREATE INDEX fact_record_subject ON fact_record (subject_id);

ALTER TABLE position_destruction ADD COLUMN fact_count bigint NOT NULL DEFAULT 0;

ALTER TABLE fact_review DROP CONSTRAINT fact_review_cause_check;
ALTER TABLE fact_review ADD CONSTRAINT fact_review_cause_check
  CHECK (cause IN ('late_data', 'officer', 'objection', 'lifted'));

CREATE FUNCTION refuse_fact_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Neither role of the server may update a record; only the function below does, its openings.
  IF TG_OP = 'UPDATE' AND current_setting('guitu.destroying', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is append-only: write a correcting row instead', TG_TABLE_NAME;
END $$;
DROP TRIGGER append_only ON fact_record;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact_record
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_fact_rewrite();

-- Take out of records of facts what happened between an order's lifting and our hearing of it, and
-- ask for a review of facts that rest on it alone. Returns one row per order of which there was any.
CREATE FUNCTION destroy_lifted_fact_places(heard interval)
RETURNS TABLE (lifted_order text, fact_count bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  lifted positioning_order;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position retention'));
  FOR lifted IN
    SELECT o.* FROM positioning_order o
    WHERE o.lifted_at < o.valid_to AND o.valid_to > now() - heard ORDER BY o.id
  LOOP
    PERFORM set_config('guitu.destroying', 'on', true);
    UPDATE fact_record r SET openings = (
      SELECT coalesce(jsonb_object_agg(o.name, o.one), '{}')
      FROM jsonb_each(r.openings) o (name, one)
      WHERE NOT is_after_lifting(o.one ->> 'at', lifted))
    WHERE r.subject_id = lifted.subject_id AND EXISTS (
      SELECT FROM jsonb_each(r.openings) o (name, one)
      WHERE is_after_lifting(o.one ->> 'at', lifted));
    GET DIAGNOSTICS fact_count = ROW_COUNT;
    -- What only a destroyed opening led to proves nothing any more.
    UPDATE fact_record r SET openings = (
      SELECT coalesce(jsonb_object_agg(o.name, o.one), '{}')
      FROM jsonb_each(r.openings) o (name, one)
      WHERE strpos(r.content, o.name) > 0 OR EXISTS (
        SELECT FROM jsonb_each(r.openings) p (name, one)
        WHERE strpos(p.one ->> 'content', o.name) > 0))
    WHERE r.subject_id = lifted.subject_id AND fact_count > 0;
    PERFORM set_config('guitu.destroying', 'off', true);
    IF fact_count > 0 THEN
      INSERT INTO fact_review
        (id, org_id, subject_id, fact_id, alert_id, cause, reason, opened_at)
      SELECT 'rv-' || left(encode(sha256(convert_to(f.id || ' ' || lifted.id, 'UTF8')), 'hex'), 24),
        f.org_id, f.subject_id, f.id, a.id, 'lifted',
        '定位决定此前已提前解除，该报警没有法律依据 / the order had been lifted: the alert has no ground',
        now()
      FROM fact f JOIN alert a ON a.id = f.evidence ->> 'alert_id'
      WHERE f.subject_id = lifted.subject_id AND a.subject_id = lifted.subject_id
        AND a.rule NOT IN ('sos', 'strap', 'case', 'removed')
        AND is_after_lifting(a.begin_time::text, lifted)
        AND NOT EXISTS (SELECT FROM fact_review r WHERE r.fact_id = f.id AND r.state = 'reversed')
      ON CONFLICT DO NOTHING;
      INSERT INTO position_destruction
        (org_id, subject_id, order_id, reason, from_time, to_time, report_count, fact_count)
      VALUES (lifted.org_id, lifted.subject_id, lifted.id, 'lifted', lifted.lifted_at,
        lifted.valid_to, 0, fact_count);
      lifted_order := lifted.id;
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_fact_rewrite(), destroy_lifted_fact_places(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION destroy_lifted_fact_places(interval) TO guitu_ingest;
