-- 分数变动提示: what a close shows of a person that somebody ought to look at. A grade that changed is
-- proposed and in effect when a person has confirmed it; a decline is a hint. Neither moves a point,
-- and the law's ladder reads neither (docs/decisions/0040-scores-over-people.md).
CREATE TABLE score_notice (
  id               text PRIMARY KEY,
  org_id           text NOT NULL REFERENCES org (id),
  subject_id       text NOT NULL REFERENCES subject (id),
  month            int NOT NULL,                     -- year * 12 + month - 1
  kind             text NOT NULL CHECK (kind IN ('grade_change', 'decline')),
  from_grade       text CHECK (from_grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  to_grade         text NOT NULL CHECK (to_grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  from_milli       bigint NOT NULL,                  -- both parts; of a decline: management only
  to_milli         bigint NOT NULL,
  slope_milli      bigint,                           -- a month; of a decline only
  months           int NOT NULL CHECK (months BETWEEN 2 AND 60),
  reasons          jsonb NOT NULL CHECK (jsonb_array_length(reasons) <= 10),
  made_at          timestamptz NOT NULL,
  state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'set_aside')),
  decided_by       text,
  decided_at       timestamptz,
  note             text CHECK (length(note) <= 2000),
  version          int NOT NULL DEFAULT 1,           -- optimistic concurrency; the ETag
  UNIQUE (subject_id, month, kind),
  CHECK ((state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)),
  CHECK ((kind = 'decline') = (slope_milli IS NOT NULL)),
  CHECK (kind = 'decline' OR from_grade <> to_grade)
);
CREATE INDEX score_notice_list ON score_notice (org_id, month DESC, id);
-- Whoever was told of a decline and has not answered is not told again every month.
CREATE UNIQUE INDEX score_notice_one_decline ON score_notice (subject_id)
  WHERE kind = 'decline' AND state = 'open';
CALL guard('score_notice', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note, version) ON score_notice
  TO guitu_app;

CREATE FUNCTION keep_decided_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
    RAISE EXCEPTION 'what was decided on a notice stays'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'score_notice_stays';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_decided_notice() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON score_notice
  FOR EACH ROW EXECUTE FUNCTION keep_decided_notice();

-- Which closes were looked at.
CREATE TABLE score_notice_round (
  org_id  text NOT NULL REFERENCES org (id),
  month   int NOT NULL,
  notices int NOT NULL CHECK (notices >= 0),
  made_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, month)
);
CALL guard('score_notice_round', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_notice_round
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON score_notice_round TO guitu_app;

-- Closed months of the people of an organisation of the open scope and of those below it, packed for
-- figures over many: six int4 a row, big-endian: place of the person among `people`, place of the
-- organisation by its path, month, public points (-1: none), management points, place of the grade.
-- Row-level security would compare each row with each organisation of a province. Minors' and sealed
-- files are left out, whoever asks.
CREATE FUNCTION score_month_grid(of_org text, first_month int, last_month int)
RETURNS TABLE (people text[], packed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH units AS MATERIALIZED (
    SELECT o.id, (row_number() OVER (ORDER BY o.path) - 1)::int AS number
    FROM org o JOIN org top ON starts_with(o.path, top.path)
    WHERE top.id = of_org AND starts_with(top.path, (SELECT open_scope()))
      AND (SELECT own_subject()) IS NULL),
  who AS MATERIALIZED (
    SELECT s.id, (row_number() OVER (ORDER BY s.id) - 1)::int AS number FROM subject s
    WHERE NOT s.is_minor AND NOT s.is_sealed
      AND s.id IN (SELECT m.subject_id FROM score_month m JOIN units u ON u.id = m.org_id
        WHERE m.month BETWEEN first_month AND last_month))
  SELECT coalesce((SELECT array_agg(id ORDER BY number) FROM who), '{}'),
    coalesce((SELECT string_agg(int4send(w.number) || int4send(u.number) || int4send(m.month)
        || int4send(coalesce(m.public_milli, -1)::int) || int4send(m.management_milli::int)
        || int4send(array_position(ARRAY['green', 'blue', 'yellow', 'orange', 'red'], m.grade) - 1),
        '')
      FROM units u JOIN score_month m ON m.org_id = u.id JOIN who w ON w.id = m.subject_id
      WHERE m.month BETWEEN first_month AND last_month), '')
$$;
REVOKE EXECUTE ON FUNCTION score_month_grid(text, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION score_month_grid(text, int, int) TO guitu_app;
