-- What a supervised person names in an application: an id that an office chose may say which place is
-- forbidden or who is protected. The key never leaves this table; a reference is one person's only.
CREATE TABLE own_ref_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO own_ref_key (key)
VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
REVOKE ALL ON own_ref_key FROM guitu_app, guitu_ingest;

CREATE FUNCTION own_ref(of_subject text, kind text, id text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT kind || '-' || left(encode(sha256(
    k.key || convert_to(of_subject || '/' || kind || '/' || id, 'UTF8')), 'hex'), 24)
  FROM own_ref_key k
$$;
REVOKE EXECUTE ON FUNCTION own_ref(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_ref(text, text, text) TO guitu_app;

CREATE OR REPLACE FUNCTION own_forbidden_areas(at timestamptz)
  RETURNS TABLE (id text, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT own_ref(own_subject(), 'area', f.id), min(f.valid_from),
    nullif(max(coalesce(f.valid_to, 'infinity')), 'infinity')
  FROM fence f JOIN fence_assignment a ON a.fence_id = f.id AND a.version = f.version
  WHERE a.subject_id = own_subject() AND f.use = 'exclusion'
    AND coalesce(f.valid_to, 'infinity') > at
  GROUP BY f.id ORDER BY 2, 1 LIMIT 200
$$;

CREATE OR REPLACE FUNCTION own_no_contact(at timestamptz)
  RETURNS TABLE (id text, distance_m double precision, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT own_ref(own_subject(), 'pair', n.id), n.distance_m, n.valid_from, n.valid_to
  FROM no_contact n
  WHERE n.subject_id = own_subject() AND coalesce(n.valid_to, 'infinity') > at
  ORDER BY n.valid_from, n.id LIMIT 200
$$;

-- What a reference of the own stands for; nothing of anybody else's has one.
CREATE FUNCTION own_referred(ref text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.fence_id FROM fence_assignment a
    JOIN fence f ON f.id = a.fence_id AND f.version = a.version AND f.use = 'exclusion'
  WHERE a.subject_id = own_subject() AND own_ref(own_subject(), 'area', a.fence_id) = ref
  UNION
  SELECT n.id FROM no_contact n
  WHERE n.subject_id = own_subject() AND own_ref(own_subject(), 'pair', n.id) = ref
  LIMIT 1
$$;
REVOKE EXECUTE ON FUNCTION own_referred(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_referred(text) TO guitu_app;
