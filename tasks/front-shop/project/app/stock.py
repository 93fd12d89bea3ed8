"""The stock service: what there is of each article, as JSON, on 127.0.0.1:9100."""

import csv
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STOCK = Path(__file__).parent.parent / "data" / "stock.csv"


class Stock(BaseHTTPRequestHandler):
    """Answers /health, /articles and /articles/NUMBER."""

    def do_GET(self) -> None:
        """Answer one request."""
        with STOCK.open(encoding="utf-8", newline="") as stream:
            articles = {row["article"]: row for row in csv.DictReader(stream)}
        match self.path.strip("/").split("/"):
            case ["health"]:
                self.answer(200, {"articles": len(articles)})
            case ["articles"]:
                self.answer(200, list(articles.values()))
            case ["articles", number] if number in articles:
                self.answer(200, articles[number])
            case _:
                self.answer(404, {"error": "no such article"})

    def answer(self, status: int, content: object) -> None:
        """Send JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 9100), Stock).serve_forever()
