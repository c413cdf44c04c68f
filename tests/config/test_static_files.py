"""Static files: whole, typed, compressed where the browser takes it, and without a warning under ASGI."""

import gzip
import warnings

from django.test import AsyncClient, Client


async def test_it_serves_a_file_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        response = await AsyncClient().get("/static/icon.svg")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<svg")


def test_it_answers_that_a_file_has_not_changed() -> None:
    first = Client().get("/static/icon.svg")
    again = Client().get("/static/icon.svg", headers={"if-modified-since": first["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_has_no_file_beyond_its_folders() -> None:
    assert Client().get("/static/../manage.py").status_code == 404


def test_it_compresses_a_text_where_the_browser_takes_it() -> None:
    plain = Client().get("/static/console/console.css")
    small = Client().get("/static/console/console.css", headers={"accept-encoding": "gzip, br"})
    assert gzip.decompress(small.content) == plain.content
    assert len(small.content) * 2 < len(plain.content)
    assert (small["Content-Encoding"], small["Content-Length"]) == ("gzip", str(len(small.content)))
    assert small["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert not plain.has_header("Content-Encoding")
