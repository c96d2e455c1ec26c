-- A clock that lapsed asks for something until it is done, or until what it is about has ended: then
-- it is moot. That it lapsed stays.
ALTER TABLE deadline ADD COLUMN moot_at timestamptz,
  ADD CONSTRAINT only_what_lapsed_is_moot CHECK (moot_at IS NULL OR (state = 'lapsed' AND NOT met_late));
DROP INDEX deadline_owed;
CREATE INDEX deadline_owed ON deadline (due_at, id)
  WHERE state = 'open' OR (state = 'lapsed' AND NOT met_late AND moot_at IS NULL);
GRANT UPDATE (moot_at) ON deadline TO guitu_app;

-- An answer that comes after the leave has ended makes nothing of a moot clock.
CREATE OR REPLACE FUNCTION meet_assistance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE deadline SET state = 'met', ended_at = NEW.answered_at
  WHERE kind = 'assistance_answer' AND ref_kind = 'assistance' AND ref_id = NEW.id
    AND state = 'open' AND due_at > NEW.answered_at;
  UPDATE deadline SET met_late = true
  WHERE kind = 'assistance_answer' AND ref_kind = 'assistance' AND ref_id = NEW.id
    AND state = 'lapsed' AND moot_at IS NULL;
  RETURN NULL;
END $$;

-- What was over before this version is moot where the thing itself says so: orders have their end.
UPDATE deadline d SET moot_at = least(o.valid_to, o.lifted_at)
FROM positioning_order o
WHERE d.ref_kind = 'order' AND d.ref_id = o.id AND d.state = 'lapsed' AND NOT d.met_late
  AND least(o.valid_to, o.lifted_at) <= now();
