import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importSets, plantedSet, temporaryCase } from '../../../test/fixtures/planted-case.ts';
import type { CallName, Params, Result } from '../../contract/calls.ts';
import { calls } from '../../contract/calls.ts';
import type { UmapChoice } from '../../contract/maps.ts';
import type { EventOf, Topic } from '../../contract/events.ts';
import { bulkArray } from '../bulk-arrays.ts';
import type { Engine, Handler } from '../engine.ts';
import { createFileGrants } from '../file-grants.ts';
import { jobHandlers } from '../handlers/job-handlers.ts';
import { mapHandlers } from '../handlers/map-handlers.ts';
import { scanHandlers } from '../handlers/scan-handlers.ts';
import { scoreHandlers } from '../handlers/score-handlers.ts';
import { forkDecoder } from '../ingest/images/decoder-process.ts';
import { createJobQueue } from '../jobs/job-queue.ts';
import { createWorkerPool } from '../jobs/worker-pool.ts';
import { createMovingMaps } from '../maps/moving-maps.ts';
import { createFollowings } from '../monitor/follow/followings.ts';

const handlers = { ...scanHandlers, ...mapHandlers, ...jobHandlers, ...scoreHandlers };
const ROWS = 2400;
const PLANTED = 60;

const { caseFile, remove } = temporaryCase();
const events: [Topic, unknown][] = [];
const engine: Engine = {
  userData: '',
  version: '0.0.0',
  grants: createFileGrants(),
  pool: createWorkerPool(2),
  jobs: createJobQueue(() => undefined),
  startDecoder: forkDecoder,
  moving: createMovingMaps((moved) => events.push(['moving', moved])),
  followings: createFollowings(
    () => engine,
    (error) => {
      throw error;
    },
  ),
  caseFile: () => caseFile,
  caseOrNull: () => caseFile,
  replaceCase: () => undefined,
  publish: <T extends Topic>(topic: T, payload: EventOf<T>) => events.push([topic, payload]),
};

/** A call held to the contract on both sides. */
async function call<N extends CallName & keyof typeof handlers>(
  name: N,
  params: Params<N>,
): Promise<Result<N>> {
  const handler = handlers[name] as unknown as Handler<N>;
  const parsed = calls[name].params.parse(params) as Params<N>;
  return calls[name].result.parse(await handler(parsed, engine)) as Result<N>;
}

async function finished(started: Promise<{ job: string }>): Promise<number> {
  const job = await engine.jobs.ended((await started).job);
  expect(job.failure).toBeNull();
  expect(job.state).toBe('done');
  return job.result ?? -1;
}

const usual = { detectors: null, seed: 7, useTrusted: true, alpha: 0.01 };
let scan: number;

beforeAll(async () => {
  expect((await call('scan/plan', {})).problems).toHaveLength(1);
  importSets(caseFile, [
    plantedSet({ rows: ROWS, planted: PLANTED }),
    plantedSet({ rows: 800, planted: 0, role: 'trusted', seed: 2 }),
  ]);
  scan = await finished(call('scan/start', usual));
}, 60_000);
afterAll(async () => {
  await engine.pool.close();
  remove();
});

describe('a scan', () => {
  it('says before it runs what it could see', async () => {
    const plan = await call('scan/plan', {});
    expect(plan.problems).toEqual([]);
    const left = plan.detectors.filter(({ applies }) => !applies);
    expect(plan.detectors.length - left.length).toBeGreaterThan(5);
    for (const { id, reason } of left)
      expect(`${id}: ${reason ?? ''}`).toMatch(/: Left out: this method needs /);
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining(['input-statistics', 'loss-curves']));
    const off = plan.detectors.filter(({ usual }) => !usual);
    expect(off.map(({ id, applies }) => [id, applies])).toEqual([['beatrix', true]]);
    expect(off[0].reason).toMatch(/^Off unless you ask for it/);
    const dog = plan.classes[1];
    expect(dog).toMatchObject({ name: 'dog', n: 600, trusted: 200 });
    expect(dog.epsilonMin).toBeCloseTo(1 - (0.01 / (2 * 4 * 26)) ** (1 / 200), 12);
    expect(dog.advice).toMatch(/Add trusted rows of class dog/);
  });

  it('leaves out what is off unless it is asked for', async () => {
    const { detectors } = await call('scan/get', { scan });
    expect(detectors).toContain('lof');
    expect(detectors).not.toContain('beatrix');
    const asked = await finished(call('scan/start', { ...usual, detectors: ['beatrix'] }));
    expect((await call('scan/get', { scan: asked })).detectors).toEqual(['beatrix']);
  });

  it('finds the planted group, and stores the finding in words with its limits', async () => {
    const detail = await call('scan/get', { scan });
    expect(detail).toMatchObject({
      rows: ROWS,
      alarms: [1],
      structures: [],
      withTrusted: true,
      stale: false,
    });
    const dog = detail.classes[1];
    expect(dog.decision).toBe('alarm');
    expect(dog.sentence).toMatch(/of 600 dog samples do not belong/);
    expect(dog.certificate).toMatch(/Null hypothesis/);
    expect(detail.classes[0].sentence).toMatch(/^Tested, nothing found among 600 cat samples/);
    expect(detail.inputs.map(({ name }) => name)).toEqual([
      'investigated records',
      'investigated activations',
      'trusted records',
      'trusted activations',
    ]);
    expect(detail.peakRssBytes).toBeGreaterThan(1e6);
    const flagged = Array.from(bulkArray(engine, { array: 'flagged', scan }).data);
    const truth = Array.from({ length: PLANTED }, (_, i) => 4 * i + 1);
    expect(truth.filter((row) => flagged[row] === 1).length).toBeGreaterThan(0.95 * PLANTED);
    expect(flagged.reduce((sum, flag) => sum + flag, 0)).toBe(detail.flagged);
    expect(events).toContainEqual(['changed', { subjects: ['scans', 'maps', 'audit'] }]);
  });

  it('is the same, byte for byte, with the same seed', async () => {
    const again = await finished(call('scan/start', usual));
    for (const array of ['flagged', 'rank', 'score', 'p-value', 'methods'] as const)
      expect(bulkArray(engine, { array, scan: again })).toEqual(bulkArray(engine, { array, scan }));
    expect(await call('scan/compare', { a: scan, b: again })).toMatchObject({ added: [], dropped: [] });
  });

  it('draws the whole set and each class put forward', async () => {
    const maps = (await call('map/list', {})).slice(0, 2);
    expect(maps.map(({ scopeName, shown, total }) => ({ scopeName, shown, total }))).toEqual([
      { scopeName: 'All samples', shown: ROWS, total: ROWS },
      { scopeName: 'Class dog', shown: 600, total: 600 },
    ]);
    expect(maps[1].axes[0]).toMatch(/^PC 1 \(\d+\.\d %\)$/);
    expect(bulkArray(engine, { array: 'map-rows', map: maps[1].id }).data[1]).toBe(5);
    expect(bulkArray(engine, { array: 'map-coordinates', map: maps[1].id }).shape).toEqual([600, 2]);
  });

  it('has the charts of a class', async () => {
    const spectrum = await call('scan/spectrum', { scan, classIndex: 1 });
    expect(spectrum?.eigenvalues[0]).toBeGreaterThan(spectrum?.eigenvalues[1] ?? Infinity);
    expect(spectrum?.totalVariance).toBeGreaterThan(spectrum?.eigenvalues[0] ?? Infinity);
    const sum = (counts: number[] | undefined) => counts?.reduce((a, b) => a + b, 0);
    expect(sum(spectrum?.histogram.counts)).toBe(600);
    const flagged = (await call('scan/get', { scan })).flagged;
    expect(sum(spectrum?.flaggedHistogram)).toBe(flagged);
    const histogram = await call('scan/histogram', { scan, detector: 'spectral-signatures', classIndex: 1 });
    expect([sum(histogram?.ordinary), sum(histogram?.flagged)]).toEqual([600 - flagged, flagged]);
    expect(await call('scan/histogram', { scan, detector: 'nobody', classIndex: 1 })).toBeNull();
  });

  it("gives a sample's place in its class in words", async () => {
    const planted = await call('samples/scores', { dataset: 1, row: 1, scan });
    expect(planted.flagged).toBe(true);
    expect(planted.rank).toBeLessThanOrEqual(PLANTED);
    expect(planted.methods).toContain('trusted-mahalanobis');
    const trusted = planted.scores.find(({ detector }) => detector === 'trusted-mahalanobis');
    expect(trusted?.sentence).toMatch(/^further out than .* dog samples?$/);
    expect(trusted?.rankInClass).toBeLessThanOrEqual(PLANTED);
    await expect(call('samples/scores', { dataset: 2, row: 1, scan })).rejects.toThrow(/did not judge row 2/);
  });

  it('names the nearest samples of the same planted group', async () => {
    const neighbours = await call('samples/neighbours', { dataset: 1, row: 1, k: 5 });
    expect(neighbours).toHaveLength(5);
    expect(neighbours.every(({ row }) => row % 4 === 1 && row < 4 * PLANTED)).toBe(true);
    expect(neighbours[0].distance).toBeLessThanOrEqual(neighbours[4].distance);
  });

  it('bounds how many of any chosen samples are clean', async () => {
    const { data } = bulkArray(engine, { array: 'flagged', scan });
    const rows = Array.from({ length: ROWS }, (_, row) => row);
    const put = rows.filter((row) => data[row] === 1);
    const [bound] = await call('scan/clean-bound', { scan, rows: put });
    expect(bound.rows).toBe(put.length);
    expect(bound.clean).toBeLessThan(put.length);
    const everything = await call('scan/clean-bound', { scan, rows });
    for (const one of everything) expect(one.clean).toBe(one.rows);
  });

  it('leaves nothing behind when it is cancelled, and the next job runs', async () => {
    const before = (await call('scan/list', {})).length;
    const { job } = await call('scan/start', { ...usual, seed: 9 });
    await call('job/cancel', { job });
    expect((await engine.jobs.ended(job)).state).toBe('cancelled');
    expect(await call('scan/list', {})).toHaveLength(before);
  });

  it('refuses a detector that is not there', async () => {
    await expect(call('scan/start', { ...usual, detectors: ['oracle'] })).rejects.toThrow(
      /no detector called/,
    );
  });
});

describe('the reference engines', () => {
  it('cluster a map and corroborate a class', async () => {
    const map = (await call('map/list', {}))[1];
    await finished(call('cluster/start', { map: map.id, method: 'reference', eps: null, minPoints: 8 }));
    const [clustering] = await call('cluster/list', { map: map.id });
    expect(clustering).toMatchObject({ map: map.id, shown: 600, engine: 'density-clustering' });
    expect(clustering.clusters).toBeGreaterThanOrEqual(1);
    const clusters = bulkArray(engine, { array: 'clusters', clustering: clustering.id });
    expect(clusters.shape).toEqual([600]);

    await finished(call('corroborate/start', { scope: { kind: 'class', classIndex: 1 }, scan, seed: 1 }));
    const [corroboration] = await call('corroborate/list', {});
    expect(corroboration.bestIsland?.jaccard).toBeGreaterThan(0.8);
    expect(corroboration.pcaCosines.at(-1)).toBeGreaterThan(1 - 1e-9);
    expect(corroboration.sentence).toMatch(/same leading components.*group of their own/);
  });

  it('draw chosen rows by UMAP, and refuse too few', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => i);
    const reference = { neighbours: 15, minDist: 0.1, byLabel: false, reference: true };
    const map = await finished(
      call('map/start', { kind: 'umap', scope: { kind: 'rows', rows }, seed: 3, scan, umap: reference }),
    );
    expect((await call('map/list', {})).find(({ id }) => id === map)).toMatchObject({
      scopeName: '60 chosen samples',
      engine: 'umap-js',
      shown: 60,
    });
    await expect(
      call('map/start', { kind: 'umap', scope: { kind: 'rows', rows: [1, 2] }, seed: 3, scan }),
    ).rejects.toThrow(/at least 10 are needed/);
  });
});

describe('UMAP', () => {
  const draw = async (umap: Partial<UmapChoice> = {}) => {
    const choice = { neighbours: 15, minDist: 0.1, byLabel: false, reference: false, ...umap };
    const map = await finished(
      call('map/start', {
        kind: 'umap',
        scope: { kind: 'class', classIndex: 1 },
        seed: 3,
        scan,
        umap: choice,
      }),
    );
    const info = (await call('map/list', {})).find(({ id }) => id === map);
    return { info, coordinates: bulkArray(engine, { array: 'map-coordinates', map }).data };
  };

  it('draws every row, shows the map moving, and is the same for the same seed', async () => {
    events.length = 0;
    const { info, coordinates } = await draw();
    expect(info).toMatchObject({
      engine: 'bezoar-umap',
      shown: 600,
      total: 600,
      how: '15 neighbours (exact), distance 0.1',
    });
    const moved = events.flatMap(([topic, payload]) => (topic === 'moving' ? [payload] : []));
    expect(moved[0]).toMatchObject({ epoch: 0, epochs: 500 });
    expect((await draw()).coordinates).toEqual(coordinates);
    expect((await draw({ neighbours: 5 })).coordinates).not.toEqual(coordinates);
  });

  it('by label differs where labels do', async () => {
    const { info } = await draw({ byLabel: true });
    expect(info?.how).toMatch(/drawn together by label/);
  });
});

describe('a run whose inputs changed', () => {
  it('is stale with a reason and stays', async () => {
    importSets(caseFile, [plantedSet({ rows: 800, planted: 0, role: 'trusted', seed: 3 })]);
    const list = await call('scan/list', {});
    expect(list[0]).toMatchObject({ id: scan, stale: true });
    expect(list[0].staleReason).toMatch(/trusted records were replaced/);
    expect((await call('map/list', {})).every(({ stale }) => !stale)).toBe(true);

    importSets(caseFile, [plantedSet({ rows: ROWS, planted: 0, seed: 4 })]);
    expect((await call('scan/list', {}))[0].staleReason).toMatch(/imported again/);
    expect((await call('map/list', {})).every(({ stale }) => stale)).toBe(true);
    expect((await call('scan/get', { scan })).flagged).toBeGreaterThan(0);
  });
});
