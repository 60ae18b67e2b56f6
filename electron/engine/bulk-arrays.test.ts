import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importSets, plantedSet, temporaryCase } from '../../test/fixtures/planted-case.ts';
import { BULK_PAGE_BYTES, type BulkArray } from '../contract/bulk.ts';
import type { CaseFile } from './case/case-file.ts';
import { bulkArray, bulkPage } from './bulk-arrays.ts';
import { createMovingMaps } from './maps/moving-maps.ts';

describe('a page', () => {
  const data = Float64Array.from({ length: 2_500_000 }, (_, i) => i);
  const array: BulkArray = { dtype: 'float64', shape: [data.length], data };

  it('has at most 16 MiB, and the pages together are the array', () => {
    const whole = new Uint8Array(data.byteLength);
    const lengths: number[] = [];
    for (let offset = 0; offset < whole.length; offset += lengths.at(-1) ?? 0) {
      const page = bulkPage(array, offset);
      expect(page.header).toEqual({ dtype: 'float64', shape: [data.length], offset, total: data.byteLength });
      whole.set(page.data, offset);
      lengths.push(page.data.length);
    }
    expect(lengths).toEqual([BULK_PAGE_BYTES, data.byteLength - BULK_PAGE_BYTES]);
    expect(new Float64Array(whole.buffer)).toEqual(data);
  });

  it('stands in a buffer of its own, so that the rest is not sent along', () => {
    const page = bulkPage(array, BULK_PAGE_BYTES);
    expect(page.data.buffer.byteLength).toBe(page.data.length);
    const shared: BulkArray = { dtype: 'uint8', shape: [3], data: new Uint8Array(new SharedArrayBuffer(3)) };
    expect(bulkPage(shared, 0).data.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('of an empty array is empty; past the end is refused', () => {
    const empty: BulkArray = { dtype: 'int32', shape: [0], data: new Int32Array() };
    expect(bulkPage(empty, 0).data).toHaveLength(0);
    expect(() => bulkPage(empty, 1)).toThrow(/byte 1 was asked for/);
  });
});

describe('an array of the case', () => {
  let caseFile: CaseFile;
  let remove: () => void;
  const moving = createMovingMaps(() => undefined);
  const engine = { caseFile: () => caseFile, moving };
  beforeEach(() => {
    ({ caseFile, remove } = temporaryCase());
    importSets(caseFile, [plantedSet({ rows: 8, planted: 0 })]);
  });
  afterEach(() => {
    remove();
  });

  it('of a map that is being drawn is there while it is drawn', () => {
    const coordinates = Float32Array.of(1, 2, 3, 4);
    moving.begin('job-1', Int32Array.of(4, 6));
    expect(() => bulkArray(engine, { array: 'moving-rows', job: 'job-1' })).toThrow(/no longer/);
    moving.move('job-1', { epoch: 0, epochs: 9 }, coordinates);
    coordinates.fill(0);
    expect(bulkArray(engine, { array: 'moving-rows', job: 'job-1' }).data).toEqual(Int32Array.of(4, 6));
    expect(bulkArray(engine, { array: 'moving-coordinates', job: 'job-1' })).toEqual({
      dtype: 'float32',
      shape: [2, 2],
      data: Float32Array.of(1, 2, 3, 4),
    });
    moving.end('job-1');
    expect(() => bulkArray(engine, { array: 'moving-coordinates', job: 'job-1' })).toThrow(/no longer/);
  });

  it('shows a verdict at once', () => {
    const verdicts = () => Array.from(bulkArray(engine, { array: 'verdict', dataset: 1 }).data);
    expect(verdicts()).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    caseFile.verdicts.set(1, [2, 3], 'poison', 'planted');
    expect(verdicts()).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it('gives labels as class indices that follow the labels of both sets', () => {
    const labels = () => Array.from(bulkArray(engine, { array: 'label', dataset: 1 }).data.slice(0, 4));
    expect(labels()).toEqual([0, 1, 2, 3]);
    const trusted = plantedSet({ rows: 4, planted: 0, role: 'trusted' });
    importSets(caseFile, [{ ...trusted, labels: ['ant', 'cat', 'dog', 'owl'], predicted: null }]);
    expect(labels()).toEqual([1, 2, 3, 4]);
  });

  it('gives images in the order asked', () => {
    const bytes = Uint8Array.from({ length: 8 * 4 }, (_, i) => i);
    const images = { role: 'images', dtype: 'uint8', shape: [8, 2, 2], bytes } as const;
    importSets(caseFile, [{ ...plantedSet({ rows: 8, planted: 0 }), arrays: [images] }]);
    const array = bulkArray(engine, { array: 'images', dataset: 2, rows: [5, 0] });
    expect(array.shape).toEqual([2, 2, 2]);
    expect(Array.from(array.data)).toEqual([20, 21, 22, 23, 0, 1, 2, 3]);
  });

  it('that is not there is refused with the name of what is missing', () => {
    expect(() => bulkArray(engine, { array: 'flagged', scan: 9 })).toThrow(/no scan number 9/);
    expect(() => bulkArray(engine, { array: 'map-rows', map: 9 })).toThrow(/no map number 9/);
    expect(() => bulkArray(engine, { array: 'images', dataset: 1, rows: [0] })).toThrow(/no images/);
  });
});
