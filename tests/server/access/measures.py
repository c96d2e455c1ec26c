"""Findings, measures, objections."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
OWN = {"subject"}
OF = "/api/v1/subjects/{subject_id}"
MEASURE = "/api/v1/measures/{measure_id}"

ACCESS = {
    ("POST", OF + "/findings"): DECIDERS,
    ("GET", "/api/v1/findings"): READERS,
    ("GET", "/api/v1/findings/{finding_id}"): READERS,
    ("GET", "/api/v1/findings/{finding_id}/grounds"): READERS,
    ("POST", "/api/v1/findings/{finding_id}/verification"): DECIDERS,
    ("POST", OF + "/measures"): DECIDERS,
    ("GET", OF + "/ladder"): READERS,
    ("GET", "/api/v1/measures"): READERS,
    ("GET", MEASURE): READERS,
    ("GET", MEASURE + "/evidence"): READERS,
    ("PATCH", MEASURE): DECIDERS,
    ("POST", MEASURE + "/withdrawal"): DECIDERS,
    ("POST", MEASURE + "/statement"): DECIDERS,
    ("POST", MEASURE + "/decision"): DECIDERS,
    ("POST", MEASURE + "/service"): DECIDERS,
    ("POST", MEASURE + "/arrest"): DECIDERS,
    ("POST", MEASURE + "/rulings"): DECIDERS,
    ("POST", MEASURE + "/termination"): DECIDERS,
    ("POST", MEASURE + "/annulment"): DECIDERS,
    ("POST", MEASURE + "/objections"): DECIDERS,
    ("GET", "/api/v1/objections"): READERS,
    ("POST", "/api/v1/objections/{objection_id}/answer"): DECIDERS,
    ("GET", "/api/v1/me/measures"): OWN,
    ("POST", "/api/v1/me/measures/{measure_id}/statement"): OWN,
    ("POST", "/api/v1/me/measures/{measure_id}/objections"): OWN,
}
