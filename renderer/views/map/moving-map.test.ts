import { describe, expect, it } from 'vitest';
import type { BulkArray } from '../../../electron/contract/bulk.ts';
import { hostDouble } from '../../state/host-double.ts';
import { followMovingMap } from './moving-map.ts';
import type { MovingMap } from './moving-map.ts';

const rows: BulkArray = { dtype: 'int32', shape: [2], data: Int32Array.of(3, 5) };
const coordinates = (of: number): BulkArray => ({
  dtype: 'float32',
  shape: [2, 2],
  data: Float32Array.of(of, 1, 2, 3),
});
const moved = (epoch: number) => ({ job: 'job-1', epoch, epochs: 100 });

describe('a map that is being drawn', () => {
  it('is fetched when it has moved, its rows once', async () => {
    const host = hostDouble();
    const shown: MovingMap[] = [];
    const asked: string[] = [];
    host.arrays = (request) => {
      asked.push(request.array);
      return Promise.resolve(request.array === 'moving-rows' ? rows : coordinates(asked.length));
    };
    followMovingMap(host, (map) => shown.push(map));
    host.tell('moving', moved(0));
    await expect.poll(() => shown.length).toBe(1);
    host.tell('moving', moved(10));
    await expect.poll(() => shown.length).toBe(2);
    expect(asked).toEqual(['moving-rows', 'moving-coordinates', 'moving-coordinates']);
    expect(shown[1]).toMatchObject({ job: 'job-1', epoch: 10, epochs: 100 });
    expect(Array.from(shown[1].points.x)).toEqual([3, 2]);
    expect([3, 4, 5].map(shown[1].points.pointOf)).toEqual([0, -1, 1]);
  });

  it('leaves out what moved while it was fetched, and outlives a map that has ended', async () => {
    const host = hostDouble();
    const epochs: number[] = [];
    let answer: (array: BulkArray) => void = () => undefined;
    host.arrays = (request) =>
      request.array === 'moving-rows'
        ? Promise.resolve(rows)
        : new Promise((resolve) => {
            answer = resolve;
          });
    const stop = followMovingMap(host, ({ epoch }) => epochs.push(epoch));
    for (const epoch of [0, 10, 20, 30]) host.tell('moving', moved(epoch));
    await expect
      .poll(() => {
        answer(coordinates(0));
        return epochs;
      })
      .toEqual([0, 30]);
    host.arrays = () => Promise.reject(new Error('no longer drawn'));
    host.tell('moving', moved(40));
    host.arrays = () => Promise.resolve(coordinates(1));
    await expect
      .poll(() => {
        host.tell('moving', moved(50));
        return epochs.at(-1);
      })
      .toBe(50);
    stop();
    const before = epochs.length;
    host.tell('moving', moved(60));
    await Promise.resolve();
    expect(epochs).toHaveLength(before);
  });
});
