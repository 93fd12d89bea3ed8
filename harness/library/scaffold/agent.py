"""Reads the task and each observation, a JSON object a line; writes a command a line."""

import json
import sys

task = json.loads(sys.stdin.readline())
print(json.dumps({"command": "ls -la"}), flush=True)
seen = json.loads(sys.stdin.readline())
print(json.dumps({"final": f"I looked: exit {seen['exit_code']}.\nSTATUS: blocked - no idea"}))
