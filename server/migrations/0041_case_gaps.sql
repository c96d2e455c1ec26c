-- A class that an assessment proposes: what it rests on, so that it falls with it.

ALTER TABLE class_proposal ADD COLUMN assessment_id text REFERENCES assessment (id);
CREATE UNIQUE INDEX class_proposal_assessment ON class_proposal (assessment_id)
  WHERE assessment_id IS NOT NULL;

-- What binds whose own account asks: the id that an application names and the
-- time, nothing of the place or of whom it protects.
CREATE FUNCTION own_forbidden_areas(at timestamptz)
  RETURNS TABLE (id text, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.id, min(f.valid_from), nullif(max(coalesce(f.valid_to, 'infinity')), 'infinity')
  FROM fence f JOIN fence_assignment a ON a.fence_id = f.id AND a.version = f.version
  WHERE a.subject_id = own_subject() AND f.use = 'exclusion'
    AND coalesce(f.valid_to, 'infinity') > at
  GROUP BY f.id ORDER BY f.id LIMIT 200
$$;
REVOKE EXECUTE ON FUNCTION own_forbidden_areas(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_forbidden_areas(timestamptz) TO guitu_app;

CREATE FUNCTION own_no_contact(at timestamptz)
  RETURNS TABLE (id text, distance_m double precision, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.id, n.distance_m, n.valid_from, n.valid_to FROM no_contact n
  WHERE n.subject_id = own_subject() AND coalesce(n.valid_to, 'infinity') > at
  ORDER BY n.valid_from, n.id LIMIT 200
$$;
REVOKE EXECUTE ON FUNCTION own_no_contact(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_no_contact(timestamptz) TO guitu_app;

-- Evidence that the server took before it heard of a lifting has places without a legal basis
-- (law-29). They go as the positions do; the record says of how many alerts. No digest of what went:
-- one could be tried against places.
ALTER TABLE position_destruction ADD COLUMN alert_count bigint NOT NULL DEFAULT 0;

-- Whether an instant of a person lies in a lifted order's rest and in no other order. What is no
-- instant has no legal basis either.
CREATE FUNCTION is_after_lifting(at text, lifted positioning_order) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  instant timestamptz;
BEGIN
  instant := at::timestamptz;
  RETURN instant >= lifted.lifted_at AND instant < lifted.valid_to AND NOT EXISTS (
    SELECT FROM positioning_order k WHERE k.subject_id = lifted.subject_id
      AND k.valid_from <= instant AND instant < least(k.valid_to, k.lifted_at));
EXCEPTION WHEN data_exception THEN
  RETURN true;
END $$;

-- JSON without what tells a place in any report of that time.
CREATE FUNCTION without_places(part jsonb, lifted positioning_order) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF jsonb_typeof(part) = 'array' THEN
    RETURN (SELECT coalesce(jsonb_agg(without_places(e.one, lifted) ORDER BY e.n), '[]')
      FROM jsonb_array_elements(part) WITH ORDINALITY e (one, n));
  ELSIF jsonb_typeof(part) <> 'object' THEN
    RETURN part;
  END IF;
  IF part ? 'fix_time' AND is_after_lifting(part ->> 'fix_time', lifted) THEN
    part := part - ARRAY['longitude_deg', 'latitude_deg', 'accuracy_m', 'altitude_m', 'speed_mps',
      'heading_deg', 'satellites', 'distance_m', 'violation_ppm'];
  END IF;
  RETURN (SELECT coalesce(jsonb_object_agg(e.name, without_places(e.one, lifted)), '{}')
    FROM jsonb_each(part) e (name, one));
END $$;

-- Evidence as it may stay. What began after the lifting rests on such places alone and goes whole;
-- of a strap, a case, a removal or a call for help the places go.
CREATE FUNCTION lawful_evidence(found jsonb, rule text, begin_time text, lifted positioning_order)
RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN rule NOT IN ('sos', 'strap', 'case', 'removed')
      AND is_after_lifting(begin_time, lifted)
    THEN jsonb_build_object('reports', '[]'::jsonb, 'destroyed_with_order', lifted.id)
    ELSE without_places(found, lifted) END
$$;

CREATE FUNCTION refuse_outcome_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Neither role of the server may update an outcome; only the function below does.
  IF TG_OP = 'UPDATE' AND current_setting('guitu.destroying', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is append-only: write a correcting row instead', TG_TABLE_NAME;
END $$;
DROP TRIGGER append_only ON outcome;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcome
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_outcome_rewrite();

-- Take places from the evidence of alerts and outcomes between an order's lifting and our hearing of
-- it. Returns one row per order of which there was any.
CREATE FUNCTION destroy_lifted_evidence(heard interval)
RETURNS TABLE (lifted_order text, alert_count bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  lifted positioning_order;
  changed record;
  told jsonb := '{}';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position retention'));
  FOR lifted IN
    SELECT o.* FROM positioning_order o
    WHERE o.lifted_at < o.valid_to AND o.valid_to > now() - heard ORDER BY o.id
  LOOP
    alert_count := 0;
    PERFORM set_config('guitu.destroying', 'on', true);
    UPDATE outcome o SET body = o.body || jsonb_build_object('evidence', n.evidence)
      || CASE WHEN n.evidence ? 'destroyed_with_order' THEN '{"explanation": null}'::jsonb
         ELSE '{}' END
    FROM (SELECT w.id, lawful_evidence(w.body -> 'evidence', w.rule, w.body ->> 'begin_time', lifted)
        AS evidence
      FROM outcome w JOIN alert a ON a.id = w.episode_id
      WHERE a.subject_id = lifted.subject_id AND a.begin_time < lifted.valid_to
        AND coalesce(a.end_time, 'infinity') >= lifted.lifted_at
        AND jsonb_typeof(w.body -> 'evidence') = 'object') n
    WHERE o.id = n.id AND o.body -> 'evidence' <> n.evidence;
    PERFORM set_config('guitu.destroying', 'off', true);
    FOR changed IN
      UPDATE alert a SET evidence = n.evidence, version = a.version + 1,
        explanation = CASE WHEN n.evidence ? 'destroyed_with_order' THEN NULL
          ELSE a.explanation END
      FROM (SELECT w.id, lawful_evidence(w.evidence, w.rule, w.begin_time::text, lifted) AS evidence
        FROM alert w
        WHERE w.subject_id = lifted.subject_id AND w.begin_time < lifted.valid_to
          AND coalesce(w.end_time, 'infinity') >= lifted.lifted_at ORDER BY w.id FOR UPDATE) n
      WHERE a.id = n.id AND a.evidence <> n.evidence
      RETURNING a.id, a.org_id
    LOOP
      INSERT INTO alert_step (org_id, alert_id, step, note, body)
      VALUES (changed.org_id, changed.id, 'noted',
        '定位已提前解除，其后的位置予以销毁 / the order was lifted; places after it are destroyed',
        jsonb_build_object('because', 'lifted', 'order', lifted.id, 'lifted_at', lifted.lifted_at));
      told := told || jsonb_build_object(changed.id, changed.org_id);
      alert_count := alert_count + 1;
    END LOOP;
    IF alert_count > 0 THEN
      INSERT INTO position_destruction
        (org_id, subject_id, order_id, reason, from_time, to_time, report_count, alert_count)
      VALUES (lifted.org_id, lifted.subject_id, lifted.id, 'lifted', lifted.lifted_at,
        lifted.valid_to, 0, alert_count);
      lifted_order := lifted.id;
      RETURN NEXT;
    END IF;
  END LOOP;
  -- Its lock is held to commit: at the end.
  PERFORM announce(e.value, 'alert', e.key) FROM jsonb_each_text(told) e;
END $$;
REVOKE EXECUTE ON FUNCTION is_after_lifting(text, positioning_order),
  without_places(jsonb, positioning_order),
  lawful_evidence(jsonb, text, text, positioning_order), refuse_outcome_rewrite(),
  destroy_lifted_evidence(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION destroy_lifted_evidence(interval) TO guitu_ingest;
