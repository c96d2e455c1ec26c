-- What no single device reported: an outage is about an organisation, a missed check-in about a
-- person whatever the device. The scope stays the organisation's, which every row has.
ALTER TABLE outcome ALTER COLUMN subject_id DROP NOT NULL, ALTER COLUMN device_id DROP NOT NULL;
ALTER TABLE alert ALTER COLUMN subject_id DROP NOT NULL, ALTER COLUMN device_id DROP NOT NULL,
  -- Nothing can be a fact about nobody.
  ADD CONSTRAINT alert_about_nobody CHECK (subject_id IS NOT NULL OR verdict <> 'confirmed');
