"""Every call of the interface, a line for each feature."""

from typing import Final

from fastapi import APIRouter, FastAPI

import server.accounts.routes
import server.acts.routes
import server.alert_exports.routes
import server.alert_reports.routes
import server.alerts.routes
import server.archive.routes
import server.attention.routes
import server.audit.routes
import server.auth.factor_routes
import server.auth.routes
import server.budget.routes
import server.cases.routes
import server.cases.work_routes
import server.checks.routes
import server.codes.routes
import server.commands.gateway_routes
import server.commands.routes
import server.credentials.routes
import server.data_rights.routes
import server.deadlines.routes
import server.directory.routes
import server.dispatch.gateway_routes
import server.dispatch.routes
import server.documents.routes
import server.duties.activity_routes
import server.duties.assessment_routes
import server.duties.investigation_routes
import server.duties.routes
import server.exchange.routes
import server.facts.routes
import server.grouping.routes
import server.impact.routes
import server.incidents.routes
import server.ingest.quarantine_routes
import server.ingest.routes
import server.live.routes
import server.looks.routes
import server.measures.finding_routes
import server.measures.objection_routes
import server.measures.routes
import server.media.routes
import server.media.upload_routes
import server.movement.leave_routes
import server.movement.permission_routes
import server.notifications.desk_routes
import server.notifications.routes
import server.oidc.routes
import server.orders.routes
import server.outflow.routes
import server.own.routes
import server.participants.policy_routes
import server.participants.routes
import server.policies.routes
import server.precision.routes
import server.redemption.routes
import server.registry.routes
import server.retention.routes
import server.reviews.routes
import server.rota.routes
import server.routing.routes
import server.score_notices.routes
import server.score_trials.routes
import server.scoring.explanation_routes
import server.scoring.handover_routes
import server.scoring.policy_routes
import server.scoring.promise_routes
import server.scoring.routes
import server.search.routes
import server.silence.routes
import server.situation.routes
import server.subjects.routes
import server.transfers.routes
import server.treatments.routes
import server.trends.routes
import server.verifications.routes
from server import health
from server.errors import NotFoundError

_ROUTERS: Final = (
    server.auth.routes.router,
    server.auth.factor_routes.router,
    server.oidc.routes.router,
    server.accounts.routes.router,
    server.situation.routes.router,
    server.alerts.routes.router,
    server.grouping.routes.router,
    server.rota.routes.router,
    server.routing.routes.router,
    server.reviews.routes.router,
    server.precision.routes.router,
    server.budget.routes.router,
    server.attention.routes.router,
    server.alert_reports.routes.router,
    server.verifications.routes.router,
    server.facts.routes.router,
    server.incidents.routes.router,
    server.dispatch.routes.router,
    server.silence.routes.router,
    server.scoring.routes.router,
    server.scoring.explanation_routes.router,
    server.scoring.promise_routes.router,
    server.scoring.handover_routes.router,
    # Before the policies by version, whose path has a place where this one has a word.
    server.score_trials.routes.router,
    server.scoring.policy_routes.router,
    server.score_notices.routes.router,
    server.treatments.routes.router,
    server.redemption.routes.router,
    server.trends.routes.router,
    server.outflow.routes.router,
    server.participants.routes.router,
    server.participants.policy_routes.router,
    server.subjects.routes.router,
    server.cases.routes.router,
    server.cases.work_routes.router,
    server.looks.routes.router,
    server.audit.routes.router,
    server.retention.routes.router,
    server.data_rights.routes.router,
    server.impact.routes.router,
    server.transfers.routes.router,
    server.own.routes.router,
    server.commands.routes.router,
    server.credentials.routes.router,
    server.live.routes.router,
    server.registry.routes.router,
    server.acts.routes.router,
    server.policies.routes.router,
    server.deadlines.routes.router,
    server.documents.routes.router,
    server.codes.routes.router,
    # Before the lists by name, whose path has a place where this one has a word.
    server.alert_exports.routes.router,
    server.exchange.routes.router,
    server.measures.finding_routes.router,
    server.measures.routes.router,
    server.measures.objection_routes.router,
    server.duties.routes.router,
    server.duties.activity_routes.router,
    server.duties.assessment_routes.router,
    server.duties.investigation_routes.router,
    server.search.routes.router,
    server.orders.routes.router,
    server.checks.routes.router,
    server.movement.leave_routes.router,
    server.movement.permission_routes.router,
    server.notifications.routes.router,
    server.notifications.desk_routes.router,
    server.directory.routes.router,
    server.ingest.routes.router,
    server.ingest.quarantine_routes.router,
    server.commands.gateway_routes.router,
    server.dispatch.gateway_routes.router,
    server.archive.routes.router,
    server.media.routes.router,
    server.media.upload_routes.router,
    health.router,
)
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def _assembled() -> APIRouter:
    calls = APIRouter()
    for router in _ROUTERS:
        calls.include_router(router)
    return calls


_CALLS: Final = _assembled()


def install(app: FastAPI) -> None:
    """Give an app its calls; what is not among them is a problem too, not the console's page."""
    # Included once for the process: each inclusion works all signatures out again, half a second.
    app.router.routes.extend(_CALLS.routes)
    app.add_api_route("/api/{rest:path}", _unknown, methods=_METHODS, include_in_schema=False)


async def _unknown(rest: str) -> None:
    raise NotFoundError(f"/api/{rest} is not part of this interface: see /api/v1/openapi.json")
