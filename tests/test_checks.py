"""The checks that need no test run are the same before a commit as in continuous integration."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_what_is_checked_before_the_tests_is_checked_before_a_commit():
    script = (ROOT / "scripts" / "test").read_text()
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    checks = re.findall(r'^ *attempt "\$venv/bin/([a-z]+)"(.*)$', script, flags=re.MULTILINE)
    wanted = {f".venv/bin/{program}{arguments}" for program, arguments in checks}
    assert len(wanted) == 5
    assert wanted <= set(re.findall(r"entry: (.+)$", hooks, flags=re.MULTILINE))


def test_continuous_integration_runs_all_of_it():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    assert "run: .ci/run" in workflow
    assert "scripts/test" in (ROOT / ".ci" / "run").read_text()
