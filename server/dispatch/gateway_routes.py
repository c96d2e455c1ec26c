"""The gateway's report of docs/wire/commands-v1.md: of commands, and of the tasks they carry."""

from fastapi import APIRouter

from server.auth.gateway import FromGateway
from server.commands.reporting import take_events
from server.commands.schemas import CommandEvents, CommandsTaken
from server.dispatch import store
from server.dispatch.answering import take_answers

router = APIRouter(prefix="/api/v1/gateway/commands", tags=["gateway"])


@router.post("")
async def report_commands(desk: FromGateway, body: CommandEvents) -> CommandsTaken:
    """Take what became of commands; repeating an event changes nothing."""
    # Alerts, tasks, commands are held in this order by everybody.
    tasks = await store.lock_tasks_of(desk.connection, [event.command for event in body.events])
    changed = await take_events(desk, body.events)
    answered = await take_answers(desk, tasks, body.events)
    return CommandsTaken(changed=changed + answered)
