import { BULK_PAGE_BYTES, type BulkArray, type BulkHeader, type BulkRequest } from '../contract/bulk.ts';
import { BezoarError } from '../contract/errors.ts';
import { cachedArray, cachedLabels } from './array-cache.ts';
import type { CaseFile, RunKind } from './case/case-file.ts';
import type { Engine } from './engine.ts';
import type { MovingMaps } from './maps/moving-maps.ts';
import { arrayBytes, runArray } from './run-arrays.ts';

/** Images of one request: 512 of a megapixel each, or fewer larger ones. */
const MOST_IMAGE_BYTES = 512 * 1024 ** 2;

/**
 * The array that a request names.
 *
 * @throws BezoarError case/not-open, scan/not-found, map/not-found, sample/not-found, evidence/missing-column
 */
export function bulkArray(engine: Pick<Engine, 'caseFile' | 'moving'>, request: BulkRequest): BulkArray {
  if ('job' in request) return movingArray(engine.moving, request.array, request.job);
  return readArray(engine.caseFile(), request);
}

/**
 * One page of an array: at most 16 MiB from byte `offset` on, in a buffer of its own, so that nothing else is sent along.
 *
 * @throws BezoarError engine/bad-request for an offset past the end
 */
export function bulkPage(array: BulkArray, offset: number): { header: BulkHeader; data: Uint8Array } {
  const bytes = arrayBytes(array.data);
  if (offset > bytes.length)
    throw new BezoarError(
      'engine/bad-request',
      `The array has ${bytes.length} bytes and byte ${offset} was asked for. Nothing was sent. Load the view again.`,
    );
  return {
    header: { dtype: array.dtype, shape: [...array.shape], offset, total: bytes.length },
    data: bytes.slice(offset, offset + BULK_PAGE_BYTES),
  };
}

function requireRun(caseFile: CaseFile, id: number, kind: RunKind): void {
  if (caseFile.runs.get(id)?.kind === kind) return;
  throw kind === 'scan'
    ? new BezoarError('scan/not-found', `The case has no scan number ${id}. Choose a scan from the list.`)
    : new BezoarError('map/not-found', `The case has no ${kind} number ${id}. Choose a map from the list.`);
}

function movingArray(
  moving: MovingMaps,
  array: 'moving-rows' | 'moving-coordinates',
  job: string,
): BulkArray {
  const map = moving.of(job);
  if (!map)
    throw new BezoarError('map/not-found', 'This map is no longer being drawn. Choose a map from the list.');
  if (array === 'moving-rows') return int32(map.rows);
  return { dtype: 'float32', shape: [map.rows.length, 2], data: map.coordinates };
}

function missing(id: number, name: string): BezoarError {
  return new BezoarError('scan/not-found', `Run ${id} holds no “${name}”: that method was not part of it.`);
}

const uint8 = (data: Uint8Array, shape = [data.length]): BulkArray => ({ dtype: 'uint8', shape, data });
const int32 = (data: Int32Array): BulkArray => ({ dtype: 'int32', shape: [data.length], data });
const float64 = (data: Float64Array): BulkArray => ({ dtype: 'float64', shape: [data.length], data });

const scanDtypes = {
  flagged: 'uint8',
  rank: 'int32',
  score: 'float64',
  'p-value': 'float64',
  methods: 'uint32',
} as const;

type StoredRequest = Exclude<BulkRequest, { readonly job: string }>;

function readArray(caseFile: CaseFile, request: StoredRequest): BulkArray {
  const { datasets, matrices, verdicts } = caseFile;
  switch (request.array) {
    case 'label':
      return int32(cachedLabels(caseFile, request.dataset, 'labels'));
    case 'predicted':
      return int32(cachedLabels(caseFile, request.dataset, 'predicted'));
    case 'column':
      return float64(
        cachedArray(caseFile, JSON.stringify(request), () =>
          datasets.numberColumn(request.dataset, request.name),
        ),
      );
    case 'verdict':
      return uint8(verdicts.bytes(request.dataset));
    case 'seen':
      return uint8(datasets.seen(request.dataset));
    case 'flagged':
    case 'rank':
    case 'score':
    case 'p-value':
    case 'methods': {
      requireRun(caseFile, request.scan, 'scan');
      const dtype = scanDtypes[request.array];
      const data = runArray(caseFile, request.scan, request.array, dtype);
      if (!data) throw missing(request.scan, request.array);
      return { dtype, shape: [data.length], data } as BulkArray;
    }
    case 'detector-score': {
      requireRun(caseFile, request.scan, 'scan');
      const data = runArray(caseFile, request.scan, `score:${request.detector}`, 'float64');
      if (!data) throw missing(request.scan, request.detector);
      return float64(data);
    }
    case 'detector-cluster': {
      requireRun(caseFile, request.scan, 'scan');
      const data = runArray(caseFile, request.scan, `cluster:${request.detector}`, 'int32');
      if (!data) throw missing(request.scan, request.detector);
      return int32(data);
    }
    case 'map-rows':
      requireRun(caseFile, request.map, 'map');
      return int32(runArray(caseFile, request.map, 'rows', 'int32') ?? new Int32Array());
    case 'map-coordinates': {
      requireRun(caseFile, request.map, 'map');
      const data = runArray(caseFile, request.map, 'coordinates', 'float32') ?? new Float32Array();
      return { dtype: 'float32', shape: [data.length / 2, 2], data };
    }
    case 'clusters':
      requireRun(caseFile, request.clustering, 'clustering');
      return int32(runArray(caseFile, request.clustering, 'clusters', 'int32') ?? new Int32Array());
    case 'images': {
      const matrix = matrices.find(request.dataset, 'images');
      if (!matrix)
        throw new BezoarError(
          'sample/not-found',
          'This set has no images. Drop an image array (.npy) for it.',
        );
      const bytes = request.rows.length * matrix.shape.slice(1).reduce((a, b) => a * b, 1);
      if (bytes > MOST_IMAGE_BYTES)
        throw new BezoarError(
          'engine/bad-request',
          `The ${request.rows.length} images asked for at once have ${bytes} bytes; at most ${MOST_IMAGE_BYTES} are sent. Nothing was sent. Look at fewer of them.`,
        );
      const data = cachedArray(
        caseFile,
        JSON.stringify(request),
        () => matrices.imageRows(matrix, request.rows).data,
      );
      return uint8(data, [request.rows.length, ...matrix.shape.slice(1)]);
    }
  }
}
