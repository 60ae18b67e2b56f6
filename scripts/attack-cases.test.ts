import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownCaseNames } from './bench/detection/cases.mjs';

const PYTHON = '/usr/bin/python3';
const MAKER = join(import.meta.dirname, 'attack-cases.py');
/** Poisons made images by every case's recipe, and says what came of it. */
const PROBE = `
import importlib.util, json, sys
import numpy as np
spec = importlib.util.spec_from_file_location('attack_cases', sys.argv[1])
maker = importlib.util.module_from_spec(spec)
sys.modules['attack_cases'] = maker
spec.loader.exec_module(maker)
found = {}
for name, case in maker.CASES.items():
    classes = len(case.classes)
    made = []
    for _ in range(2):
        rng = np.random.default_rng(7)
        images = rng.integers(0, 256, (case.rows, 28, 28), np.uint8)
        labels = np.arange(case.rows) % classes
        before = images.copy()
        given, touched = maker.poison_rows(case, rng, images, labels)
        made.append((images, given, touched))
    (images, given, touched), again = made
    found[name] = {
        'rows': case.rows,
        'members': sorted(k for members in case.classes.values() for k in members),
        'asked': sum(poison.count for poison in case.poisons),
        'poisoned': int(touched.sum()),
        'relabelled': int((given != labels).sum()),
        'keepsLabels': sum(poison.count for poison in case.poisons if poison.source == poison.target),
        'changed': int((images != before).any(axis=(1, 2)).sum()),
        'triggered': sum(poison.count for poison in case.poisons if poison.trigger is not None),
        'outside': int(((given != labels) & ~touched).sum() + ((images != before).any(axis=(1, 2)) & ~touched).sum()),
        'same': all(bool((one == other).all()) for one, other in zip(made[0], again)),
    }
print(json.dumps(found))
`;

interface Probed {
  readonly rows: number;
  readonly members: number[];
  readonly asked: number;
  readonly poisoned: number;
  readonly relabelled: number;
  readonly keepsLabels: number;
  readonly changed: number;
  readonly triggered: number;
  readonly outside: number;
  readonly same: boolean;
}

const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0;

describe.skipIf(!hasTorch)('the attack cases of our own', { timeout: 60_000 }, () => {
  it('are poisoned as they say, the same way each time, and nothing else is touched', () => {
    const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PROBE, MAKER], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
    expect(status, stderr).toBe(0);
    const found = Object.entries(JSON.parse(stdout) as Record<string, Probed>);
    expect(found.map(([name]) => name)).toEqual(ownCaseNames());
    for (const [name, probed] of found) {
      expect(probed, name).toMatchObject({
        members: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        poisoned: probed.asked,
        relabelled: probed.asked - probed.keepsLabels,
        changed: probed.triggered,
        outside: 0,
        same: true,
      });
      expect(probed.asked === 0, name).toBe(name.startsWith('clean-'));
      expect(probed.rows).toBeGreaterThanOrEqual(12_000);
    }
  });

  it('refuses a name that there is not', () => {
    const { status, stderr } = spawnSync(PYTHON, [MAKER, 'nothing-known'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('no case is called nothing-known; there are moving-patch,');
  });
});
