"""Results for continuous integration: JUnit, annotations, SARIF, Markdown."""
