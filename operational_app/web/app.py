"""The app: one factory that joins declarations, addresses, refusals and headers."""

from fastapi import FastAPI, Request
from sqlalchemy import Engine
from starlette.responses import Response

from operational_app import modules
from operational_app.web import assets, problems, schemas
from operational_app.web.routes import (
    api,
    around,
    commands,
    imports,
    lists,
    live,
    pages,
    payslips,
    reports,
    sessions,
    sign_in,
    single_sign_on,
)
from operational_app.web.visitor import VisitorMiddleware


def create_app(bind: Engine | None = None) -> FastAPI:
    """The app, for all documents and commands that are declared when it is made.

    Args:
        bind: engine of the store; None for the one that HUB_DATABASE_URL names.
    """
    modules.load()
    app = FastAPI(
        title="Pentahub",
        version="0.1.0",
        description="Commands and documents of ERP, CRM, OA, HR and finance. Amounts and quantities are strings.",
        # FastAPI's own documentation pages come from a CDN, which our security policy does not allow.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    assets.files()
    app.include_router(around.router(bind))
    app.include_router(imports.router(bind))
    app.include_router(payslips.router(bind))
    app.include_router(api.router(bind))
    app.include_router(sign_in.router(bind))
    app.include_router(single_sign_on.router(bind))
    app.include_router(sessions.router(bind))
    app.include_router(live.router(bind))
    app.include_router(commands.router(bind))
    app.include_router(reports.router(bind))
    app.include_router(lists.router(bind))
    app.include_router(pages.router(bind))
    app.add_api_route("/assets/{version}/{name}", assets.serve, methods=["GET", "HEAD"], include_in_schema=False)

    @app.get("/health", include_in_schema=False)
    def health(request: Request) -> Response:
        return Response("ok", media_type="text/plain")

    problems.register(app)
    describe_problems(app)
    app.add_middleware(VisitorMiddleware, answer=problems.answer_to, bind=bind)
    return app


def describe_problems(app: FastAPI) -> None:
    """Put the problem document into OpenAPI's components: endpoints refer to it by name, for a media type of its own."""
    make = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            document = make()
            components = document.setdefault("components", {}).setdefault("schemas", {})
            components["Problem"] = schemas.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            # FastAPI's own shape of a 422 is never sent: ours replaces it.
            for name in ("HTTPValidationError", "ValidationError"):
                components.pop(name, None)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
