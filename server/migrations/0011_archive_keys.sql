-- The keys of whom a gateway reports on, wherever they were made, and entries that cannot be kept.

-- After a transfer a key is of an organisation that the gateway does not see, and row-level security
-- hid it: a second one could not be stored beside it, and what was sealed meanwhile had none. A
-- subject's key follows the subject. Without a key of their own, owners are left out.
CREATE FUNCTION archive_keys_of(orgs text[], kinds text[], holders text[], of_orders text[])
RETURNS TABLE (id bigint, holder_kind text, holder_id text, order_id text, wrapped bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT orgs <@ scope_orgs() THEN
    RAISE EXCEPTION 'an organisation is not in the scope';
  END IF;
  UPDATE archive_key k SET org_id = s.org_id
  FROM unnest(kinds, holders) AS w (kind, holder) JOIN subject s ON s.id = w.holder
  WHERE w.kind = 'subject' AND k.holder_kind = 'subject' AND k.holder_id = w.holder
    AND k.org_id <> s.org_id AND s.org_id = ANY (orgs);
  RETURN QUERY SELECT k.id, k.holder_kind, k.holder_id, coalesce(k.order_id, ''), k.wrapped
  FROM unnest(kinds, holders, of_orders) AS w (kind, holder, of_order)
  JOIN archive_key k ON (k.holder_kind, k.holder_id, coalesce(k.order_id, ''))
    = (w.kind, w.holder, w.of_order);
END $$;
REVOKE EXECUTE ON FUNCTION archive_keys_of(text[], text[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION archive_keys_of(text[], text[], text[], text[]) TO guitu_ingest;

-- An entry of a journal that the archive cannot keep is told here too, without its content.
ALTER TABLE ingest_quarantine DROP CONSTRAINT ingest_quarantine_stream_check,
  ADD CONSTRAINT ingest_quarantine_stream_check
  CHECK (stream IN ('outcomes', 'telemetry', 'archive'));
