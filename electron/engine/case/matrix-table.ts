import { createHash } from 'node:crypto';
import { kernels } from '../../../native-workers/engine.ts';
import type { MatrixInfo } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { MatrixTable } from './case-file.ts';
import { chunkRows, rowBytes } from './chunk-rows.ts';
import { MATRIX_COLUMNS, matrixInfo } from './dataset-table.ts';
import type { Connection } from './connection.ts';
import { linkOf, readLinked } from './linked-file.ts';
import { caseFailure } from './sqlite-failure.ts';

/** So many chunks of images are kept for the next request: 32 MiB. */
const KEPT_CHUNKS = 8;

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

interface Chunk {
  readonly chunk: number;
  readonly first_row: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** A chunk's bytes at an address that any typed array can stand on; copied only where it is not one. */
const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());

/** Stored values as float32, from the start of `into`. */
function fillFloat32(dtype: MatrixInfo['dtype'], bytes: Uint8Array, into: Float32Array): void {
  const { buffer, byteOffset, byteLength } = aligned(bytes);
  if (dtype === 'float16') {
    const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
    kernels().halfToFloat(halves, into.subarray(0, halves.length));
  } else if (dtype === 'float32') into.set(new Float32Array(buffer, byteOffset, byteLength / 4));
  else if (dtype === 'float64') into.set(new Float64Array(buffer, byteOffset, byteLength / 8));
  else into.set(bytes);
}

export function createMatrixTable(connection: Connection): MatrixTable {
  const kept = new Map<string, Chunk>();

  const checkChunk = (matrix: MatrixInfo, chunk: Chunk): Chunk => {
    const size = chunkRows(matrix.dtype, matrix.shape);
    const rows = Math.min(size, (matrix.shape[0] ?? 0) - chunk.chunk * size);
    if (
      chunk.first_row !== chunk.chunk * size ||
      chunk.rows !== rows ||
      chunk.bytes.length !== rows * rowBytes(matrix.dtype, matrix.shape)
    )
      throw caseFailure.corrupt(
        connection.path,
        `a part of the ${matrix.role} does not have the length it should`,
      );
    return chunk;
  };

  const readChunk = (matrix: MatrixInfo, index: number): Chunk => {
    const link = linkOf(connection, matrix.id);
    if (link !== null) {
      const size = chunkRows(matrix.dtype, matrix.shape);
      const bytes = rowBytes(matrix.dtype, matrix.shape);
      const first = index * size;
      const rows = Math.min(size, (matrix.shape[0] ?? 0) - first);
      return {
        chunk: index,
        first_row: first,
        rows,
        bytes: readLinked(link, first * bytes, rows * bytes),
      };
    }
    const found = connection.get<Chunk>(
      'SELECT chunk, first_row, rows, bytes FROM matrix_chunk WHERE matrix = ? AND chunk = ?',
      matrix.id,
      index,
    );
    if (found === undefined)
      throw caseFailure.corrupt(connection.path, `a part of the ${matrix.role} is not there`);
    return checkChunk(matrix, found);
  };

  const keptChunk = (matrix: MatrixInfo, index: number): Chunk => {
    const name = `${matrix.id}/${index}`;
    const chunk = kept.get(name) ?? readChunk(matrix, index);
    kept.delete(name);
    kept.set(name, chunk);
    const oldest = kept.keys().next();
    if (kept.size > KEPT_CHUNKS && !oldest.done) kept.delete(oldest.value);
    return chunk;
  };

  const chunkCount = (matrix: MatrixInfo): number =>
    Math.ceil((matrix.shape[0] ?? 0) / chunkRows(matrix.dtype, matrix.shape));

  return {
    find: (dataset, role) => {
      const row = connection.get<Parameters<typeof matrixInfo>[1]>(
        `SELECT ${MATRIX_COLUMNS} FROM matrix WHERE dataset = ? AND role = ? AND superseded = 0`,
        dataset,
        role,
      );
      return row === undefined ? null : matrixInfo(connection, row);
    },
    loadFloat32: (matrix) => {
      const values = new Float32Array(new SharedArrayBuffer(4 * product(matrix.shape)));
      const perRow = product(matrix.shape.slice(1));
      for (let index = 0; index < chunkCount(matrix); index += 1) {
        const chunk = readChunk(matrix, index);
        fillFloat32(matrix.dtype, chunk.bytes, values.subarray(chunk.first_row * perRow));
      }
      return values;
    },
    rowBlocks: (matrix) => ({
      rows: matrix.shape[0],
      cols: product(matrix.shape.slice(1)),
      blockRows: chunkRows(matrix.dtype, matrix.shape),
      read: (index, into) => {
        fillFloat32(matrix.dtype, readChunk(matrix, index).bytes, into);
        return Promise.resolve();
      },
    }),
    imageRows: (matrix, rows) => {
      const size = chunkRows(matrix.dtype, matrix.shape);
      const bytes = rowBytes(matrix.dtype, matrix.shape);
      const data = new Uint8Array(rows.length * bytes);
      const order = rows.map((row, at) => ({ row, at })).sort((a, b) => a.row - b.row);
      for (const { row, at } of order) {
        if (!(row >= 0 && row < (matrix.shape[0] ?? 0)))
          throw new BezoarError('sample/not-found', `There is no image of row ${row}. Reload the view.`);
        const chunk = keptChunk(matrix, Math.floor(row / size));
        const start = (row - chunk.first_row) * bytes;
        data.set(chunk.bytes.subarray(start, start + bytes), at * bytes);
      }
      return { shape: [rows.length, ...matrix.shape.slice(1)], data };
    },
    hash: (matrix) => {
      const hash = createHash('sha256');
      for (let index = 0; index < chunkCount(matrix); index += 1) hash.update(readChunk(matrix, index).bytes);
      return hash.digest('hex');
    },
  };
}
