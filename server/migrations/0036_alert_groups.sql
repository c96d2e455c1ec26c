-- Alerts that are one matter (docs/decisions/0028-alert-groups.md): what an alert is alike with, and
-- what it is shown and routed with.
DROP INDEX alert_group;
ALTER TABLE alert
  ADD COLUMN fingerprint  text CHECK (length(fingerprint) <= 500),  -- null: it is in no group
  ADD COLUMN alike_at     timestamptz,               -- its begin, or its arrival with a backlog
  ADD COLUMN own_group_id text,                      -- by fingerprint and window; group_id is shown
  -- The alert that holds it, or did last. No foreign key: its check would lock the other row, which
  -- a person may hold who waits for this one.
  ADD COLUMN held_by      text CHECK (held_by <> id),
  ADD COLUMN held_as      text CHECK (held_as IN ('inhibited', 'folded')),
  ADD CONSTRAINT alert_grouped CHECK ((fingerprint IS NULL) = (alike_at IS NULL)
    AND (fingerprint IS NULL) = (own_group_id IS NULL)
    AND (own_group_id IS NULL OR group_id IS NOT NULL)),
  -- Who has taken one on has it for themselves; alert_on_a_clock sees to it that it has a clock.
  ADD CONSTRAINT alert_held CHECK (held_as IS NULL OR (held_by IS NOT NULL AND state = 'open')),
  -- SOS, strap and tamper are nobody's to fold.
  ADD CONSTRAINT alert_never_grouped CHECK (rule NOT IN ('sos', 'strap', 'case', 'removed')
    OR (group_id IS NULL AND held_by IS NULL));
CREATE INDEX alert_group ON alert (group_id, raised_at DESC, id DESC) WHERE group_id IS NOT NULL;
CREATE INDEX alert_alike ON alert (fingerprint, alike_at) WHERE fingerprint IS NOT NULL;
CREATE INDEX alert_held_by ON alert (held_by) WHERE held_as IS NOT NULL;
GRANT UPDATE (held_by, held_as) ON alert TO guitu_app;

CREATE FUNCTION let_alert_go() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.held_as := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER let_go BEFORE UPDATE OF state ON alert FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION let_alert_go();
REVOKE EXECUTE ON FUNCTION let_alert_go() FROM PUBLIC;

-- The windows of groups are figures of the policy: alerts come with a gateway's request.
GRANT EXECUTE ON FUNCTION law_policies(text, timestamptz) TO guitu_ingest;
