import { stableOrder } from '../../../native-workers/numeric/stable-order.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { LogColumn } from '../../contract/logs.ts';
import type { LogDtype } from './case-file.ts';
import { parseStored, type Connection } from './connection.ts';
import { caseFailure } from './sqlite-failure.ts';

/** Rows of a full chunk. */
export const LOG_CHUNK_ROWS = 65_536;
/** Position of the column that holds the line of each row; the mapped columns have 0 and up. */
export const LINE_POSITION = -1;
/** Position of the file of each row by its place among those of the log; only where requests are put together from several lines. */
export const FILE_POSITION = -2;
/** So many bytes of chunks are kept: pages of a table come from the same ones. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** Logs whose order of time is kept. */
const KEPT_ORDERS = 4;

/** A column of a stored log; its levels by code from 1, null where no row has one. */
export interface StoredColumn extends Omit<LogColumn, 'levels'> {
  readonly position: number;
  readonly levels: readonly (string | null)[] | null;
}

/** The values of a chunk: numbers as they are, codes, or texts packed. */
export type ChunkValues = Float64Array | Uint8Array | Uint16Array | Uint32Array | PackedTexts;

export class PackedTexts {
  readonly length: number;
  readonly #ends: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, rows: number) {
    this.length = rows;
    this.#ends = new Uint32Array(new Uint8Array(bytes.subarray(0, 4 * rows)).buffer);
    this.#bytes = bytes.subarray(4 * rows);
  }

  /** The text of a row; null where it is empty, which is missing. */
  text(row: number): string | null {
    const bytes = this.bytes(row);
    return bytes.length === 0
      ? null
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  bytes(row: number): Uint8Array {
    return this.#bytes.subarray(row === 0 ? 0 : this.#ends[row - 1], this.#ends[row]);
  }
}

/** Times of a log in their order, and where each stands in the order of files and lines. */
interface TimeOrder {
  /** Milliseconds since 1970 UTC, never falling, shape (rows,). */
  readonly times: Float64Array;
  /** Arrival of each row; null: rows arrived in order of time. */
  readonly arrival: Uint32Array | null;
}

/** Reads of what a log holds by column. */
export interface LogChunks {
  /** @throws BezoarError log/not-found */
  columns(log: number): StoredColumn[];
  rows(log: number): number;
  chunkCount(log: number): number;
  /** @throws BezoarError case/corrupt */
  values(log: number, position: number, chunk: number): ChunkValues;
  timeOrder(log: number): TimeOrder;
  /** Whether the log has such a column. */
  has(log: number, position: number): boolean;
}

interface ChunkRow {
  rows: number;
  dtype: LogDtype;
  bytes: Uint8Array;
}

const widths: Readonly<Record<Exclude<LogDtype, 'text'>, number>> = {
  float64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
};

function decode(connection: Connection, { rows, dtype, bytes }: ChunkRow, expected: number): ChunkValues {
  if (rows !== expected || bytes.length < (dtype === 'text' ? 4 : widths[dtype]) * rows)
    throw caseFailure.corrupt(connection.path, 'a chunk of a log is shorter than its rows');
  if (dtype === 'text') return new PackedTexts(bytes, rows);
  if (dtype === 'uint8') return bytes;
  // A view needs its bytes at a multiple of its width.
  const { buffer } = new Uint8Array(bytes);
  return dtype === 'float64'
    ? new Float64Array(buffer)
    : dtype === 'uint16'
      ? new Uint16Array(buffer)
      : new Uint32Array(buffer);
}

export function createLogChunks(connection: Connection): LogChunks {
  const kept = new Map<string, { values: ChunkValues; size: number }>();
  const orders = new Map<number, TimeOrder>();
  let keptBytes = 0;

  const rows = (log: number): number => {
    const found = connection.column<number>('SELECT rows FROM log WHERE id = ?', log)[0];
    if (found === undefined)
      throw new BezoarError('log/not-found', `There is no log ${log} in this case. Reload the view.`);
    return found;
  };
  const values = (log: number, position: number, chunk: number): ChunkValues => {
    const key = `${log}/${position}/${chunk}`;
    const present = kept.get(key);
    if (present !== undefined) {
      kept.delete(key);
      kept.set(key, present);
      return present.values;
    }
    const row = connection.get<ChunkRow>(
      'SELECT rows, dtype, bytes FROM log_chunk WHERE log = ? AND position = ? AND chunk = ?',
      log,
      position,
      chunk,
    );
    if (row === undefined) throw caseFailure.corrupt(connection.path, 'a chunk of a log is missing');
    const read = decode(connection, row, Math.min(LOG_CHUNK_ROWS, rows(log) - chunk * LOG_CHUNK_ROWS));
    kept.set(key, { values: read, size: row.bytes.length });
    keptBytes += row.bytes.length;
    for (const [oldest, { size }] of kept) {
      if (keptBytes <= KEPT_BYTES) break;
      kept.delete(oldest);
      keptBytes -= size;
    }
    return read;
  };
  const chunkCount = (log: number): number => Math.ceil(rows(log) / LOG_CHUNK_ROWS);
  return {
    rows,
    values,
    chunkCount,
    has: (log, position) =>
      connection.column('SELECT 1 FROM log_chunk WHERE log = ? AND position = ? LIMIT 1', log, position)
        .length > 0,
    columns: (log) => {
      rows(log);
      return connection
        .all<Omit<StoredColumn, 'levels'> & { levels: string | null }>(
          'SELECT position, name, role, type, unit, class, levels FROM log_column WHERE log = ? ORDER BY position',
          log,
        )
        .map((column) => ({
          ...column,
          levels: column.levels === null ? null : parseStored<(string | null)[]>(connection, column.levels),
        }));
    },
    timeOrder: (log) => {
      let order = orders.get(log);
      if (order === undefined) {
        const times = new Float64Array(rows(log));
        for (let chunk = 0; chunk < chunkCount(log); chunk += 1)
          times.set(values(log, 0, chunk) as Float64Array, chunk * LOG_CHUNK_ROWS);
        const arrival = stableOrder(times);
        order = { times: arrival === null ? times : Float64Array.from(arrival, (at) => times[at]), arrival };
      }
      orders.delete(log);
      orders.set(log, order);
      const [oldest] = orders.keys();
      if (orders.size > KEPT_ORDERS && oldest !== undefined) orders.delete(oldest);
      return order;
    },
  };
}
