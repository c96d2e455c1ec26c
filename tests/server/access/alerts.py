"""Handling of alerts, verifications, facts and their reviews."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}
DECIDERS = {"supervisor", "head", "officer"}
ALERT = "/api/v1/alerts/{alert_id}"

ACCESS = {
    ("POST", "/api/v1/alerts/bulk"): HANDLERS,
    ("GET", "/api/v1/alert-groups/{group_id}"): READERS,
    ("POST", "/api/v1/alert-groups/{group_id}/acts"): HANDLERS,
    ("POST", ALERT + "/shelve"): HANDLERS,
    ("POST", ALERT + "/unshelve"): HANDLERS,
    ("POST", ALERT + "/reopen"): HANDLERS,
    ("POST", ALERT + "/notes"): HANDLERS,
    ("POST", ALERT + "/verifications"): HANDLERS,
    ("GET", ALERT + "/verifications"): READERS,
    ("POST", "/api/v1/alert-verifications/{verification_id}/result"): HANDLERS,
    ("GET", "/api/v1/facts/{fact_id}"): READERS,
    ("POST", "/api/v1/facts/{fact_id}/reviews"): DECIDERS,
    ("GET", "/api/v1/fact-reviews"): READERS,
    ("POST", "/api/v1/fact-reviews/{review_id}/decision"): DECIDERS,
    ("POST", "/api/v1/fact-reviews/{review_id}/extension"): DECIDERS,
    ("POST", "/api/v1/facts/{fact_id}/objections"): DECIDERS,
    ("POST", "/api/v1/me/facts/{fact_id}/objections"): {"subject"},
}
