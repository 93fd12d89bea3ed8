"""Programs that the harness runs beside a sandbox, out of the agent's reach."""
