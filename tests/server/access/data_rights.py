"""Requests about the own data, a copy of it, and the impact-assessment register."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
OWN = {"subject"}
IMPACT = "/api/v1/impact-assessments"

ACCESS = {
    ("GET", "/api/v1/me/data"): OWN,
    ("GET", "/api/v1/me/data-requests"): OWN,
    ("POST", "/api/v1/me/data-requests"): OWN,
    ("POST", "/api/v1/subjects/{subject_id}/data-requests"): DECIDERS,
    ("GET", "/api/v1/data-requests"): READERS,
    ("POST", "/api/v1/data-requests/{data_request_id}/answer"): DECIDERS,
    ("GET", IMPACT): READERS,
    ("POST", IMPACT): DECIDERS,
    ("POST", IMPACT + "/{impact_id}/review"): DECIDERS,
}
