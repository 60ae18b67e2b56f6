"""A log read by pandas: read_log.py PATH. Prints what it took and what it found as JSON."""
import json
import resource
import sys
import time

import pandas

path = sys.argv[1]
wall, cpu = time.perf_counter(), time.process_time()
frame = pandas.read_csv(path) if path.endswith('.csv') else pandas.read_json(path, lines=True)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(
    json.dumps(
        {
            'wall': wall,
            'cpu': cpu,
            'peak': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            'version': f'pandas {pandas.__version__}',
            'facts': {
                'rows': len(frame),
                'columns': len(frame.columns),
                'classes': int(frame['prediction'].nunique()),
                'confidence': float(frame['confidence'].sum()),
                'labels': int(frame['label'].notna().sum()),
            },
        }
    )
)
