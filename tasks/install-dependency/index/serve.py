"""A package index: simple pages and wheels made from the folders beside this file."""

import hashlib
import io
import zipfile
from collections import defaultdict
from pathlib import Path

from webhost import Request, Response, serve

PACKAGES = Path(__file__).parent / "packages"


def wheel(folder: Path) -> bytes:
    """Return a folder's files as a wheel, with a RECORD of them."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    record = f"{folder.name}.dist-info/RECORD"
    files[record] = "".join(f"{name},,\n" for name in [*files, record]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 9, 0, 0)), content)
    return buffer.getvalue()


def site() -> dict[str, bytes]:
    """Return every page and file of the index by its path."""
    pages: dict[str, bytes] = {}
    links: dict[str, list[str]] = defaultdict(list)
    for folder in sorted(PACKAGES.iterdir()):
        name, content = f"{folder.name}-py3-none-any.whl", wheel(folder)
        project = folder.name.split("-")[0].replace("_", "-")
        digest = hashlib.sha256(content).hexdigest()
        pages[f"/files/{name}"] = content
        links[project].append(f'<a href="/files/{name}#sha256={digest}">{name}</a>')
    for project, anchors in links.items():
        pages[f"/simple/{project}/"] = page(project, anchors)
    pages["/simple/"] = page("Index", [f'<a href="/simple/{p}/">{p}</a>' for p in links])
    return pages


def page(title: str, anchors: list[str]) -> bytes:
    """Return one page of links."""
    body = "<br>\n".join(anchors)
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
    return f"{head}<body>\n{body}\n</body></html>\n".encode()


PAGES = site()


def answer(request: Request) -> Response:
    """Answer with a page, a wheel, or 404."""
    body = PAGES.get(request.path)
    wheels = request.path.endswith(".whl")
    kind = "application/octet-stream" if wheels else "text/html; charset=utf-8"
    return Response(404 if body is None else 200, body or b"", kind)


serve(answer)
