import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureLater, failureOf } from '../../../test/fixtures/failure-code.ts';
import { importSets, plantedSet, temporaryCase } from '../../../test/fixtures/planted-case.ts';
import { inlineRunner } from '../../../native-workers/inline-runner.ts';
import { uncancelled } from '../../../native-workers/task.ts';
import type { Dataset } from '../../contract/evidence.ts';
import { drawLossMap } from '../maps/draw-loss-map.ts';
import { lossCurve } from './loss-curve.ts';

const ROWS = 400;
const { caseFile, remove } = temporaryCase();
let dataset: Dataset;
const investigated = (): Dataset => {
  const active = caseFile.datasets.active('investigated');
  if (active === null) throw new Error('the case is empty');
  return active;
};

beforeAll(() => {
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  importSets(caseFile, [
    {
      ...plantedSet({ rows: ROWS, planted: 20 }),
      // Class dog is every fourth row from 1 on; its k-th row has the losses k + 1 and 200 - k, its last one no second loss.
      losses: {
        loss_1: rows.map((row) => (row >> 2) + 1),
        loss_2: rows.map((row) => (row === ROWS - 3 ? null : 200 - (row >> 2))),
        loss_final: rows.map((row) => (row >> 2) / 100),
      },
    },
  ]);
  dataset = investigated();
});
afterAll(remove);

describe('losses over the training', () => {
  it('stand beside the tenths and the middle of their class, column by column', () => {
    const curve = lossCurve(caseFile, dataset.id, 41);
    expect(curve?.names).toEqual(['loss_1', 'loss_2', 'loss_final']);
    expect(curve?.losses).toEqual([11, 190, 0.1]);
    // Of 1 to 100: the middle is 50.5, the tenths lie 0.1 and 0.9 of the way.
    expect([curve?.low[0], curve?.middle[0], curve?.high[0]].map((x) => Number(x?.toFixed(6)))).toEqual([
      10.9, 50.5, 90.1,
    ]);
    const last = lossCurve(caseFile, dataset.id, ROWS - 3);
    expect(last?.losses).toEqual([100, null, 0.99]);
  });

  it('are a map of ranks inside the class: every row with both ends on it', async () => {
    const runner = inlineRunner(uncancelled());
    const all = await drawLossMap(caseFile, dataset, { kind: 'all' }, 1, runner);
    expect(all).toMatchObject({ kind: 'losses', shown: ROWS, total: ROWS });
    expect(all.axes).toEqual(['loss_1, rank in its class', 'loss_final, rank in its class']);
    const dog = await drawLossMap(caseFile, dataset, { kind: 'class', classIndex: 1 }, 1, runner);
    expect(dog).toMatchObject({ shown: 100, scopeName: 'Class dog' });
    expect([...dog.coordinates.subarray(0, 4)].map((x) => Number(x.toFixed(3)))).toEqual([
      0.005, 0.005, 0.015, 0.015,
    ]);
    // A part of a class is still ranked in the whole of it.
    const some = await drawLossMap(caseFile, dataset, { kind: 'rows', rows: [1, 5, 397] }, 1, runner);
    expect(some.coordinates[5]).toBeCloseTo(0.995, 6);
  });

  it('say so where there are none, or too few', async () => {
    expect(failureOf(() => lossCurve(caseFile, dataset.id, ROWS)).code).toBe('sample/not-found');
    importSets(caseFile, [
      { ...plantedSet({ rows: 80, planted: 0 }), losses: { loss: Array(80).fill(null) } },
    ]);
    const runner = inlineRunner(uncancelled());
    const unknown = await failureLater(() =>
      drawLossMap(caseFile, investigated(), { kind: 'all' }, 1, runner),
    );
    expect(unknown.message).toContain('0 of 80 rows have loss; at least');
    importSets(caseFile, [plantedSet({ rows: 80, planted: 0 })]);
    expect(lossCurve(caseFile, investigated().id, 3)).toBeNull();
    const none = await failureLater(() => drawLossMap(caseFile, investigated(), { kind: 'all' }, 1, runner));
    expect(none.code).toBe('evidence/missing-column');
  });
});
