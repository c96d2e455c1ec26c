"""Case files: reception, work on a file, release."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
OF = "/api/v1/subjects/{subject_id}"

ACCESS = {
    ("POST", "/api/v1/subjects"): DECIDERS,
    ("GET", OF + "/file"): READERS,
    ("PATCH", OF + "/file"): DECIDERS,
    ("POST", OF + "/steps"): DECIDERS,
    ("POST", OF + "/release"): DECIDERS,
    ("POST", OF + "/termination"): DECIDERS,
    ("GET", OF + "/archive"): READERS,
    ("POST", OF + "/archive"): DECIDERS,
    ("PUT", OF + "/group"): DECIDERS,
    ("PUT", OF + "/contacts"): DECIDERS,
    ("POST", OF + "/prohibitions"): DECIDERS,
    ("POST", OF + "/plans"): DECIDERS,
    ("POST", OF + "/plans/{version}/reviews"): DECIDERS,
    ("POST", OF + "/class-proposals"): DECIDERS,
    ("GET", "/api/v1/class-proposals"): READERS,
    ("POST", "/api/v1/class-proposals/{proposal_id}/decision"): DECIDERS,
    ("POST", OF + "/exit-ban"): DECIDERS,
    ("POST", OF + "/identity-checks"): DECIDERS,
}
