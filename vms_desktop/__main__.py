"""Starts the program: `vms-desktop`, `python -m vms_desktop`."""

import os
import sys
from collections.abc import Sequence

from vms_desktop.app.data_folder import data_folder, leave_sample_alone
from vms_desktop.app.supervisor import CHILD_VARIABLE, supervise
from vms_desktop.cli.command_line import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code: 0 ended as asked, 1 failed, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = parse(given)
    if options.command == "detect":
        from vms_desktop.cli.detect_command import detect

        return detect(options)
    if options.reindex:
        from vms_desktop.cli.reindex_command import reindex

        return reindex(options)
    if CHILD_VARIABLE in os.environ:
        from vms_desktop.app.program import run

        return run(options)
    folder = data_folder(options.data_dir)
    leave_sample_alone(folder)
    return supervise(given, folder / "logs", headless=options.headless)


if __name__ == "__main__":
    sys.exit(main())
