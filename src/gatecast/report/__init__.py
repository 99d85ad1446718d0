"""Pictures and pages of results."""

from gatecast.report.folder import check_folder, write

__all__ = ["check_folder", "write"]
