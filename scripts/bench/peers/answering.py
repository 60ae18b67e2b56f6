"""The other end of a comparison, in Python: JSON lines on standard output, one when ready, then one answer a question."""
import hashlib
import json
import os
import pathlib
import resource
import sys
import time

import numpy as np

_answers = os.fdopen(os.dup(1), 'w', buffering=1)
# What libraries print is no answer.
os.dup2(2, 1)
FOLDER = pathlib.Path(sys.argv[1])


def load(name):
    """A data set as the comparison wrote it: shape (rows, cols), or (rows,) for one column."""
    about = json.loads((FOLDER / f'{name}.json').read_text())
    values = np.fromfile(FOLDER / f'{name}.bin', dtype=about['dtype'])
    return values if about['cols'] == 1 else values.reshape(about['rows'], about['cols'])


def write(name, values):
    """Hands an array over to the comparison; the name of its file."""
    path = FOLDER / name
    np.ascontiguousarray(values).tofile(path)
    return str(path)


def digest(values):
    """SHA-256 of labels as 32-bit integers."""
    return hashlib.sha256(np.ascontiguousarray(values, dtype=np.int32).tobytes()).hexdigest()


def _cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def say(message):
    _answers.write(json.dumps(message) + '\n')


def _blas():
    """Version and core type of the linear algebra library; None where it cannot be asked."""
    try:
        import threadpoolctl
    except ImportError:
        return None
    found = [entry for entry in threadpoolctl.threadpool_info() if entry['user_api'] == 'blas']
    if not found:
        return None
    first = found[0]
    return f"{first['internal_api']} {first['version']} {first.get('architecture', 'unknown')}"


def answer(run, facts, versions, warm=None):
    """Runs or tells facts as it is asked; before the first run `warm` is called, or runs of a second are thrown away."""
    resting = _peak()
    if warm:
        warm()
    else:
        begun = time.perf_counter()
        while time.perf_counter() - begun < 1:
            run()
    say({'versions': {'numpy': np.__version__, **versions}, 'blas': _blas(), 'resting': resting})
    result = None
    for question in sys.stdin:
        if question.strip() == 'run':
            result = None
            wall, cpu = time.perf_counter(), _cpu()
            result = run()
            spent = _cpu() - cpu
            say({'cpu': spent, 'wall': time.perf_counter() - wall, 'peak': _peak()})
        elif question.strip() == 'facts':
            say(facts(result))
