"""The stream by which an open page hears that something changed (server-sent events). See web/live.py."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from operational_app.core.document import DOCUMENTS
from operational_app.web.live import Stream, TooManyStreams, follower
from operational_app.web.visitor import LIVE, Visitor, find_visitor, visitor_of

# So often the session and the right to read are looked at again, and the line is kept open by a word.
CHECK_SECONDS = 20


def router(bind: Engine | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get(LIVE)
    async def live(request: Request, document: str = "") -> Response:
        visitor = visitor_of(request)
        stream = Stream(visitor.principal.user_id, readable(visitor, document), asyncio.get_running_loop())
        try:
            follower.open(stream)
        except TooManyStreams:
            # By this status a browser knows not to come back for it.
            return Response(status_code=204)
        return StreamingResponse(
            told(stream, visitor.token, bind), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    return routes


def readable(visitor: Visitor, document: str) -> str:
    """The document's name where the visitor may read it, else nothing."""
    return document if document in DOCUMENTS and visitor.principal.may_read(document) else ""


async def told(stream: Stream, token: str, bind: Engine | None) -> AsyncIterator[str]:
    """The events, until the session is over or the page is closed."""
    try:
        # A browser that lost the line comes back after this, not at once.
        yield "retry: 5000\n\n"
        checked = asyncio.get_running_loop().time()
        while True:
            async for what in stream.news(CHECK_SECONDS):
                yield f"event: {what}\ndata: \n\n"
            now = asyncio.get_running_loop().time()
            if now - checked >= CHECK_SECONDS:
                checked = now
                visitor = await run_in_threadpool(find_visitor, token, bind, False)
                if visitor is None:
                    yield "event: over\ndata: \n\n"
                    return
                stream.document = readable(visitor, stream.document)
                yield ": still here\n\n"
    finally:
        follower.close(stream)
