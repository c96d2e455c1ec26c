-- A province's newest alerts in order, of all rules or of one: without sorting what a year brought.
CREATE INDEX alert_newest ON alert (raised_at DESC, id DESC);
CREATE INDEX alert_rule ON alert (rule, raised_at DESC, id DESC);
