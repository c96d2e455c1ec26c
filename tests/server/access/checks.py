"""Information checks."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
OWN = {"subject"}

ACCESS = {
    ("POST", "/api/v1/subjects/{subject_id}/check-plans"): DECIDERS,
    ("GET", "/api/v1/check-plans/{plan_id}"): READERS,
    ("POST", "/api/v1/subjects/{subject_id}/checks"): DECIDERS,
    ("GET", "/api/v1/checks"): READERS,
    ("GET", "/api/v1/checks/{check_id}"): READERS,
    ("POST", "/api/v1/checks/{check_id}/result"): DECIDERS,
    ("POST", "/api/v1/checks/{check_id}/cancellation"): DECIDERS,
    ("GET", "/api/v1/check-ins"): READERS,
    ("GET", "/api/v1/check-ins/rates"): READERS,
    ("GET", "/api/v1/me/check-ins"): OWN,
    ("GET", "/api/v1/me/checks"): OWN,
    ("POST", "/api/v1/me/checks/{check_id}/answer"): OWN,
}
