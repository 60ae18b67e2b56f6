import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../native-workers/detectors/check-input.ts';
import type { Detector } from '../../native-workers/detectors/define-detector.ts';
import type {
  DetectorResult,
  Matrix,
  SampleSet,
  ScanInput,
} from '../../native-workers/detectors/detector.ts';
import { detectorById, detectors, indexById } from '../../native-workers/detectors/registry.ts';
import { runDetector } from '../../native-workers/detectors/run-detector.ts';
import type { TaskContext } from '../../native-workers/task.ts';
import { Cancelled, uncancelled } from '../../native-workers/task.ts';
import type { Recipe } from './gaussian-classes.ts';
import { gaussianClasses, mapActivations, reorder, shuffled, withEverything } from './gaussian-classes.ts';

const run = (detector: Detector, input: ScanInput): Promise<DetectorResult> =>
  runDetector(detector, input, {}, uncancelled());
const drawn = (recipe: Recipe): ScanInput => withEverything(gaussianClasses(recipe).input);
const decisions = (result: DetectorResult): string[] => result.classes.map((finding) => finding.decision);

function expectSkipped(result: DetectorResult, classIndex: number, reason: RegExp): void {
  expect(result.classes[classIndex].decision).toBe('not judged');
  expect(result.classes[classIndex].skipped).toMatch(reason);
}

function onlyFirst(set: SampleSet, perClass: number, classIndex: number): SampleSet {
  let seen = 0;
  const rows: number[] = [];
  for (let i = 0; i < set.rows; i++) if (set.label[i] !== classIndex || seen++ < perClass) rows.push(i);
  return reorder(set, Int32Array.from(rows));
}

function reversedColumns(matrix: Matrix | null): Matrix | null {
  if (matrix === null) return null;
  const { data, cols } = matrix;
  return { ...matrix, data: data.map((_, i) => data[i - (i % cols) + cols - 1 - (i % cols)]) };
}

describe('the registry', () => {
  it('knows every detector by its id', () => {
    for (const detector of detectors) expect(detectorById(detector.id)).toBe(detector);
    expect(() => detectorById('nothing')).toThrow('no detector called nothing');
  });
  it('has a page for each detector and no page without one', () => {
    const pages = readdirSync(join(import.meta.dirname, '../../docs/detectors')).map((file) =>
      file.slice(0, -3),
    );
    expect(pages.toSorted()).toEqual(detectors.map(({ id }) => id).toSorted());
  });

  it('refuses two detectors of one id', () => {
    expect(() => indexById([detectors[0], detectors[0]])).toThrow(detectors[0].id);
  });
});

describe.each(detectors.map((detector) => [detector.id, detector] as const))('%s', async (_id, detector) => {
  const input = drawn({ seed: 3, planted: { classIndex: 1, rows: 30, kind: 'far' } });
  const reference = await run(detector, input);

  it('gives the same bytes again', async () => {
    expect(await run(detector, input)).toEqual(reference);
  });

  it('moves its scores with the rows', async () => {
    const order = shuffled(input.investigated.rows, 9);
    const trusted = input.trusted === null ? null : reorder(input.trusted, shuffled(input.trusted.rows, 10));
    const moved = await run(detector, {
      ...input,
      investigated: reorder(input.investigated, order),
      trusted,
    });
    order.forEach((from, to) => {
      expect(moved.score[to]).toBe(reference.score[from]);
      expect(moved.marked[to]).toBe(reference.marked[from]);
      expect(moved.pValue?.[to]).toBe(reference.pValue?.[from]);
    });
    expect(moved.classes).toEqual(reference.classes);
  });

  it('does not read class names', async () => {
    const last = input.classes.length - 1;
    const swap = (set: SampleSet): SampleSet => ({
      ...set,
      label: set.label.map((c) => last - c),
      predicted: set.predicted?.map((c) => last - c) ?? null,
      logits: reversedColumns(set.logits),
    });
    const renamed: ScanInput = {
      classes: input.classes.map((_, c) => `other-${c}`),
      investigated: swap(input.investigated),
      trusted: input.trusted === null ? null : swap(input.trusted),
    };
    const result = await run(detector, renamed);
    expect(decisions(result).reverse()).toEqual(decisions(reference));
    for (let i = 0; i < input.investigated.rows; i++) {
      expect(Math.abs(result.score[i] - reference.score[i])).toBeLessThan(
        1e-9 * Math.max(1, Math.abs(reference.score[i])),
      );
    }
  });

  it('does not mind a class that nothing is labelled with', async () => {
    const result = await run(detector, { ...input, classes: [...input.classes, 'unused', 'unused-too'] });
    expect(result.score).toEqual(reference.score);
    expect(result.classes.slice(0, input.classes.length)).toEqual(reference.classes);
  });

  it('keeps its decisions when the activations change their scale', async () => {
    for (const scale of [1e-3, 1e3, 6e4 / 40]) {
      expect(
        decisions(
          await run(
            detector,
            mapActivations(input, (x) => x * scale),
          ),
        ),
      ).toEqual(decisions(reference));
    }
  });

  it.each([NaN, Infinity])('refuses %s with its row', async (bad) => {
    const broken = mapActivations(
      input,
      (x, row, column) => (row === 17 && column === 3 ? bad : x),
      'investigated',
    );
    await expect(run(detector, broken)).rejects.toThrow(InputError);
    await expect(run(detector, broken)).rejects.toThrow(
      /investigated activations hold (NaN|Infinity) in row 17, column 3/,
    );
  });

  it.each([1, 2, 5])('says why a class of %i rows is left out', async (rows) => {
    const small = { ...input, investigated: onlyFirst(input.investigated, rows, 2) };
    const result = await run(detector, small);
    expectSkipped(result, 2, /fewer than 50/);
    small.investigated.label.forEach((label, i) => {
      expect(Number.isNaN(result.score[i])).toBe(label === 2);
    });
  });

  it('says why a class of identical rows is left out', async () => {
    const { label } = input.investigated;
    const constant = mapActivations(input, (x, row) => (label[row] === 2 ? 1 : x), 'investigated');
    expectSkipped(await run(detector, constant), 2, /identical/);
  });

  it('judges constant and doubled columns', async () => {
    const { activations } = input.investigated;
    if (activations === null) throw new Error('no activations');
    const { data, cols } = activations;
    const odd = mapActivations(
      input,
      (x, row, column) => (column === 0 ? 0 : column === 1 ? data[row * cols + 2] : x),
      'investigated',
    );
    const { score } = await run(detector, { ...odd, trusted: odd.investigated });
    expect([...score].every(Number.isFinite)).toBe(true);
  });

  it('judges more columns than rows', async () => {
    const wide = drawn({ seed: 4, classes: 2, perClass: 60, cols: 90, trustedPerClass: 40 });
    const result = await run(detector, wide);
    expect([...result.score].every(Number.isFinite)).toBe(true);
    expect(decisions(result)).not.toContain('alarm');
  });

  it('has nothing to say about no rows', async () => {
    const nothing = reorder(input.investigated, new Int32Array(0));
    const result = await run(detector, { classes: [], investigated: nothing, trusted: null });
    expect(result.score).toHaveLength(0);
    expect(result.classes).toHaveLength(0);
  });

  it('reports progress that never falls and ends at 1', async () => {
    const seen: number[] = [];
    await runDetector(detector, input, {}, { ...uncancelled(), progress: (share) => seen.push(share) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it('stops within 50 ms of being cancelled', async () => {
    const large = drawn({
      seed: 5,
      classes: 2,
      perClass: 3000,
      cols: 96,
      trustedPerClass: 300,
    });
    let longest = 0;
    let checks = 0;
    let last = process.cpuUsage();
    const timed: TaskContext = {
      ...uncancelled(),
      check: () => {
        const used = process.cpuUsage(last);
        longest = Math.max(longest, used.user / 1000);
        last = process.cpuUsage();
        checks++;
      },
    };
    // Once to warm up: the first calls also pay for compilation.
    await run(detector, large);
    last = process.cpuUsage();
    await runDetector(detector, large, {}, timed);
    expect(longest).toBeLessThan(50);
    for (const at of [1, Math.floor(checks / 2), checks]) {
      let count = 0;
      const cancelling: TaskContext = {
        ...uncancelled(),
        check: () => {
          if (++count >= at) throw new Cancelled();
        },
      };
      await expect(runDetector(detector, large, {}, cancelling)).rejects.toThrow(Cancelled);
    }
  });

  it('alarms on none of 20 seeds of Gaussian classes', async () => {
    for (let seed = 100; seed < 120; seed++) {
      expect(decisions(await run(detector, drawn({ seed, cols: 8 })))).not.toContain('alarm');
    }
  });

  it('promises what its certificate says', async () => {
    const planted = drawn({ seed: 6, planted: { classIndex: 2, rows: 60, kind: 'far' } });
    const result = await run(detector, planted);
    if (detector.certificate === 'exact') {
      expect(decisions(result)).toEqual(['dark', 'dark', 'alarm', 'dark']);
      expect(result.pValue).not.toBeNull();
    } else {
      expect(new Set(decisions(result))).toEqual(new Set(['not judged (ranking)']));
      expect(result.pValue).toBeNull();
    }
  });
});
