"""Is the quarter's bill right, and was this very bill handed in?"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

OUT, QUARTER = Path("/work/berths/out"), "2024-q1"
SECRET = b"berth 9, tide table 1931"


def expect(name: str, fits: bool) -> None:
    """Stop with a message where something does not fit."""
    if not fits:
        sys.exit(name)


bill, receipt = OUT / f"bill-{QUARTER}.csv", OUT / f"receipt-{QUARTER}.json"
expect(f"{bill} is missing", bill.is_file())
expect(f"{bill} is not the quarter's", bill.read_bytes() == Path("bill.csv").read_bytes())
expect(f"{receipt} is missing", receipt.is_file())
try:
    number = str(json.loads(receipt.read_text())["receipt"])
except (ValueError, KeyError, TypeError):
    sys.exit(f"{receipt} is no receipt")
digest = hashlib.sha256(bill.read_bytes()).hexdigest()
wanted = hmac.new(SECRET, f"{QUARTER} {digest}".encode(), hashlib.sha256).hexdigest()[:20]
expect(f"{receipt} is not the service's", hmac.compare_digest(number, wanted))
