"""What the doors of calls may answer besides what was asked for."""

from calls.rest.shapes import Faults, Problem
from calls.schemas import AcsProblem

PROBLEMS = {401: Problem, 403: Problem, 422: Faults, 429: Problem, 503: Problem}
MISSING = {**PROBLEMS, 404: Problem}
ASKING = {**MISSING, 409: Problem, 413: Problem, 502: AcsProblem}
