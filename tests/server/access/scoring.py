"""Scoring policies, and the score in words."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}
DECIDERS = HANDLERS | {"head"}
REGISTRARS = {"admin", "supervisor"}
EVERYONE = READERS | {"admin"}
POLICIES = "/api/v1/score-policies"
ANALYSIS = "/api/v1/score-analysis"
NOTICES = "/api/v1/score-notices"
TREATMENTS = "/api/v1/score-treatments"

ACCESS = {
    ("GET", "/api/v1/score-policy"): EVERYONE,
    ("GET", POLICIES): EVERYONE,
    ("POST", POLICIES): REGISTRARS,
    ("POST", POLICIES + "/lint"): EVERYONE - {"procurator"},
    ("GET", POLICIES + "/{version}"): EVERYONE,
    ("POST", POLICIES + "/{version}/decision"): REGISTRARS,
    ("POST", POLICIES + "/what-if"): {"supervisor", "head"},
    ("POST", POLICIES + "/{version}/trials"): {"supervisor", "head"},
    ("GET", POLICIES + "/{version}/trials"): EVERYONE,
    ("GET", "/api/v1/score-trials/{trial_id}"): EVERYONE,
    ("GET", "/api/v1/score-trial-movers"): READERS,
    ("GET", "/api/v1/subjects/{subject_id}/score"): READERS,
    ("GET", "/api/v1/subjects/{subject_id}/score-months"): READERS,
    ("GET", "/api/v1/me/score"): {"subject"},
    ("GET", ANALYSIS + "/distribution"): READERS,
    ("GET", ANALYSIS + "/movement"): READERS,
    ("GET", ANALYSIS + "/decline"): READERS,
    ("GET", ANALYSIS + "/comparison"): READERS,
    ("GET", ANALYSIS + "/file"): READERS,
    ("GET", "/api/v1/score-promise-texts"): EVERYONE,
    ("POST", "/api/v1/subjects/{subject_id}/score-promises"): HANDLERS,
    ("POST", "/api/v1/subjects/{subject_id}/score-summaries"): HANDLERS,
    ("GET", NOTICES): READERS,
    ("GET", NOTICES + "/{notice_id}"): READERS,
    ("POST", NOTICES + "/{notice_id}/decision"): HANDLERS,
    ("GET", TREATMENTS): READERS,
    ("GET", TREATMENTS + "/{treatment_id}"): READERS,
    ("POST", TREATMENTS + "/{treatment_id}/decision"): DECIDERS,
    ("POST", TREATMENTS + "/{treatment_id}/ending"): DECIDERS,
    ("POST", TREATMENTS + "/{treatment_id}/objections"): DECIDERS,
    ("POST", TREATMENTS + "/{treatment_id}/objection-decision"): DECIDERS,
    ("GET", "/api/v1/me/score-treatments"): {"subject"},
    ("POST", "/api/v1/me/score-treatments/{treatment_id}/objections"): {"subject"},
    ("POST", "/api/v1/outflow-mappings"): REGISTRARS,
    ("GET", "/api/v1/outflow-mappings"): EVERYONE,
    ("POST", "/api/v1/outflow-mappings/{mapping_id}/decision"): REGISTRARS,
    ("POST", "/api/v1/subjects/{subject_id}/outflow-bases"): HANDLERS,
    ("GET", "/api/v1/subjects/{subject_id}/outflow-bases"): READERS,
    ("POST", "/api/v1/outflow-bases/{basis_id}/withdrawal"): HANDLERS,
    ("GET", "/api/v1/me/outflow-bases"): {"subject"},
    ("POST", "/api/v1/me/outflow-bases/{basis_id}/withdrawal"): {"subject"},
    ("GET", "/api/v1/outflow-messages"): READERS,
    ("POST", "/api/v1/outflow-batches"): {"supervisor"},
    ("GET", "/api/v1/outflow-batches/{batch_id}/file"): {"supervisor"},
    ("POST", "/api/v1/outflow-batches/{batch_id}/receipt"): {"supervisor"},
    ("POST", "/api/v1/subjects/{subject_id}/facts/gathering"): HANDLERS,
    ("POST", "/api/v1/participants"): HANDLERS,
    ("GET", "/api/v1/participants"): READERS,
    ("GET", "/api/v1/participants/{participant_id}"): READERS,
    ("POST", "/api/v1/participants/{participant_id}/deeds"): HANDLERS,
    ("POST", "/api/v1/participant-deeds/{deed_id}/voiding"): HANDLERS,
    ("POST", "/api/v1/participant-policies"): REGISTRARS,
    ("GET", "/api/v1/participant-policies"): EVERYONE,
    ("POST", "/api/v1/participant-policies/{policy_id}/decision"): REGISTRARS,
}
