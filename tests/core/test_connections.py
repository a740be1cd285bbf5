"""The app's connections to its store."""

import os
import threading

import pytest

from operational_app.core import db
from tests.conftest import Store, pointed_at


def test_a_thread_that_began_on_another_store_hands_its_connections_to_nobody(
    store: Store, store_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, begun, moved_on = db._make_engine, threading.Event(), threading.Event()

    def slow() -> object:
        engine = made()
        begun.set()
        assert moved_on.wait(10)
        return engine

    db.close_engine()
    with pointed_at(store_template):
        monkeypatch.setattr(db, "_make_engine", slow)
        late = threading.Thread(target=db.engine)
        late.start()
        assert begun.wait(10)
        monkeypatch.setattr(db, "_make_engine", made)
        here = os.environ["HUB_DATABASE_URL"]
        os.environ["HUB_DATABASE_URL"] = here.replace(store_template, store.name)
        moved_on.set()
        late.join()
        assert db.engine().url.database == store.name
        os.environ["HUB_DATABASE_URL"] = here
        assert db.engine().url.database == store_template
    assert db.engine().url.database == store.name
