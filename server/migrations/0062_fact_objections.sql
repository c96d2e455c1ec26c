-- 对记分事实的异议: the person's objection to a fact that moved points. While it waits the fact is not
-- counted against the person (docs/decisions/0038-objection-to-a-fact.md).

-- By the ledger's clock, so that a score of any moment can be rebuilt as it was shown.
ALTER TABLE fact_review
  ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN settled_at  timestamptz,
  ADD COLUMN extended_because text CHECK (length(extended_because) BETWEEN 2 AND 2000),
  ADD CONSTRAINT fact_review_objector CHECK (cause <> 'objection' OR opened_by IS NOT NULL);
UPDATE fact_review SET recorded_at = opened_at, settled_at = decided_at;
ALTER TABLE fact_review ADD CONSTRAINT fact_review_settled
  CHECK ((state = 'open') = (settled_at IS NULL));
GRANT UPDATE (settled_at, extended_because) ON fact_review TO guitu_app;

-- Whoever else doubts a fact does not take the person's own objection away, and a fact is objected to
-- once.
DROP INDEX fact_review_open;
CREATE UNIQUE INDEX fact_review_open ON fact_review (fact_id)
  WHERE state = 'open' AND cause <> 'objection';
CREATE UNIQUE INDEX fact_review_objection ON fact_review (fact_id) WHERE cause = 'objection';
CREATE INDEX fact_review_appeals ON fact_review (subject_id) WHERE cause = 'objection';

DROP POLICY own ON fact_review;
CREATE POLICY own ON fact_review AS RESTRICTIVE TO guitu_app USING (
  CASE WHEN (SELECT own_subject()) IS NULL THEN true
    ELSE subject_id IS NOT DISTINCT FROM (SELECT own_subject()) AND cause = 'objection' END);

-- One's own objection is entered, never answered, by oneself; and about one's own fact.
CREATE FUNCTION keep_objection() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF own_subject() IS NOT NULL AND (TG_OP = 'UPDATE' OR NEW.state <> 'open') THEN
    RAISE EXCEPTION 'an objection is answered by the agency'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.cause = 'objection' AND OLD.state <> 'open' THEN
    RAISE EXCEPTION 'an objection is answered once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'fact_review_answered_once';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_objection() FROM PUBLIC;
CREATE TRIGGER keep_objection BEFORE INSERT OR UPDATE ON fact_review
  FOR EACH ROW EXECUTE FUNCTION keep_objection();
