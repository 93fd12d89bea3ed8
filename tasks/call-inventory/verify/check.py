"""Is the summary the one that the inventory service's answers give?"""

import json
import sys
from pathlib import Path

expected = json.loads(Path("expected.json").read_text(encoding="utf-8"))
summary = json.loads(Path("/work/restock/out/summary.json").read_text(encoding="utf-8"))
for code, figures in expected["warehouses"].items():
    if summary.get("warehouses", {}).get(code) != figures:
        sys.exit(f"{code}: the figures are not this week's")
if summary != expected:
    sys.exit("the warehouses are right, the rest is not")
