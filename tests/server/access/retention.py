"""Retention: the plan, what was destroyed, legal holds."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}

ACCESS = {
    ("GET", "/api/v1/retention"): READERS,
    ("GET", "/api/v1/retention/destructions"): READERS,
    ("GET", "/api/v1/legal-holds"): READERS,
    ("POST", "/api/v1/legal-holds"): DECIDERS,
    ("POST", "/api/v1/legal-holds/{hold_id}/lifting"): DECIDERS,
    ("POST", "/api/v1/legal-holds/{hold_id}/decision"): DECIDERS,
}
