-- What became of a message is written by its lease: without reading two years of notifications.
CREATE INDEX notification_delivery_lease ON notification_delivery (lease) WHERE lease IS NOT NULL;

-- Pages of the alert list beside millions of past ones: of an office or a county, of one rule there,
-- of what waits anywhere, and of an officer.
CREATE INDEX alert_of_org ON alert (org_id, raised_at DESC, id DESC);
CREATE INDEX alert_of_org_rule ON alert (org_id, rule, raised_at DESC, id DESC);
CREATE INDEX alert_unresolved ON alert (raised_at DESC, id DESC) INCLUDE (org_id, state, severity)
  WHERE state <> 'resolved';
CREATE INDEX alert_of_officer ON alert (assigned_to, raised_at DESC, id DESC)
  WHERE assigned_to IS NOT NULL;
