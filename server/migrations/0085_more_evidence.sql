-- More of what is only appended goes into the evidence chain (docs/evidence.md): rulings of deciding
-- bodies, steps of tasks, monthly reports, facts that were taken back, procurators' looks, and alarms
-- on unusual looking. Rows from before are sealed too, in the order that they were written in.
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT * FROM (VALUES
      ('alert_report', 'id', 'made_at, id'), ('dispatch_step', 'id', 'id'),
      ('fact_void', 'fact_id', 'at, fact_id'), ('look_alarm', 'id', 'id'),
      ('measure_ruling', 'id', 'id'), ('procurator_look', 'id', 'id')
    ) AS covered (name, key, in_order)
  LOOP
    -- The trigger first: it waits for who is writing, and nobody writes between it and the rows.
    EXECUTE format('CREATE TRIGGER await_sealing AFTER INSERT ON %I REFERENCING NEW TABLE AS added'
      ' FOR EACH STATEMENT EXECUTE FUNCTION await_sealing(%L)', t.name, t.key);
    EXECUTE format('INSERT INTO audit_pending (org_id, source, row_id)'
      ' SELECT org_id, %L, %I::text FROM %I ORDER BY %s', t.name, t.key, t.name, t.in_order);
  END LOOP;
END $$;
