-- Looks at a person, as the person may be told of them: office and role, never a name. A supervised
-- person's session sees no account and no office but the own; what it may know of a look is here.
CREATE FUNCTION looks_at(of_subject text)
RETURNS TABLE (id bigint, at timestamptz, what text, purpose text, org_name_zh text,
  org_name_en text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.id, l.at, l.act, l.purpose_code, o.name_zh, o.name_en, u.role
  FROM access_log l
  LEFT JOIN app_user u ON u.login = l.by_login
  JOIN org o ON o.id = coalesce(u.org_id, l.org_id)
  WHERE l.subject_id = of_subject AND l.purpose_code IS NOT NULL
    AND of_subject = (SELECT own_subject())
$$;
REVOKE EXECUTE ON FUNCTION looks_at(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION looks_at(text) TO guitu_app;
CREATE INDEX access_log_subject ON access_log (subject_id, at DESC) WHERE purpose_code IS NOT NULL;
