import type { NumericRole } from '../../../../native-workers/drift/event-table.ts';
import type { FollowedChunk, FollowedColumn } from '../../../../native-workers/drift/followed-table.ts';
import { sharedFloat64, sharedInt32 } from '../../../../native-workers/numeric/shared-arrays.ts';
import type { LogMapping, LogUnit } from '../../../contract/logs.ts';
import { planColumns } from '../../ingest/logs/log-columns.ts';
import type { ParsedBlock, ParsedColumn } from '../../ingest/logs/log-messages.ts';

const CHUNK_ROWS = 65_536;
const numericRoles: ReadonlySet<string> = new Set<NumericRole>([
  'confidence',
  'latency',
  'resource',
  'score',
  'feature',
]);
const milliseconds: Readonly<Record<LogUnit, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };
const none = new Uint32Array(0);

interface OpenChunk {
  rows: number;
  readonly columns: (Float64Array | Int32Array)[];
  readonly ids: (string | null)[];
}

/** The newest requests of a followed log by column, on shared memory, in chunks of 65,536. */
export interface FollowedRows {
  /** Takes in a parsed block. */
  add(block: ParsedBlock): void;
  readonly columns: readonly FollowedColumn[];
  readonly chunks: readonly FollowedChunk[];
  /** Rows in all chunks. */
  rows(): number;
  /** Newest time that was taken in, ms since 1970 UTC; -Infinity without a row. */
  newest(): number;
  /** The oldest one; Infinity without a row. */
  oldest(): number;
  /** Id of the request at a place among all rows of the chunks. */
  requestId(arrival: number): string | null;
  /** Takes the oldest chunk out. */
  drop(): FollowedChunk | null;
}

interface Source {
  /** Position in the parsed block. */
  readonly position: number;
  readonly column: FollowedColumn;
  /** Grown as the parser meets new ones; the array that the column names. */
  readonly levels: string[];
}

/** The columns that monitors look at, of those that the mapping makes. */
function sourcesOf(mapping: LogMapping): { sources: Source[]; idAt: number } {
  const { columns } = planColumns(mapping);
  const sources = columns.flatMap(({ name, role, type, unit }, position): Source[] => {
    const levels: string[] = [];
    const source = (column: FollowedColumn): Source[] => [{ position, column, levels }];
    if (role === 'time' || role === 'label-time') return source({ kind: role });
    if (role === 'predicted' || role === 'label') return source({ kind: role, levels });
    if (type === 'number' && numericRoles.has(role))
      return source({
        kind: 'number',
        name,
        role: role as NumericRole,
        factor: role === 'latency' ? milliseconds[unit ?? 'ms'] : 1,
      });
    if (type === 'category' && (role === 'model' || role === 'version' || role === 'feature'))
      return source({ kind: 'category', name, levels });
    return [];
  });
  return { sources, idAt: columns.findIndex(({ role }) => role === 'request-id') };
}

export function followedRows(mapping: LogMapping): FollowedRows {
  const { sources, idAt } = sourcesOf(mapping);
  const timeAt = sources.findIndex(({ column }) => column.kind === 'time');
  const chunks: OpenChunk[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let oldest = Number.POSITIVE_INFINITY;

  const open = (): OpenChunk => {
    const last = chunks.at(-1);
    if (last !== undefined && last.rows < CHUNK_ROWS) return last;
    const chunk: OpenChunk = {
      rows: 0,
      columns: sources.map(({ column }) =>
        'levels' in column ? sharedInt32(CHUNK_ROWS) : sharedFloat64(CHUNK_ROWS),
      ),
      ids: [],
    };
    chunks.push(chunk);
    return chunk;
  };

  const copy = (
    into: Float64Array | Int32Array,
    at: number,
    from: ParsedColumn,
    start: number,
    end: number,
  ): void => {
    if (from.type === 'number') into.set(from.values.subarray(start, end), at);
    else if (from.type === 'category') into.set(from.codes.subarray(start, end), at);
  };

  return {
    columns: sources.map(({ column }) => column),
    chunks,
    rows: () => chunks.reduce((sum, { rows }) => sum + rows, 0),
    newest: () => newest,
    oldest: () => oldest,
    add: (block) => {
      for (const { position, levels } of sources) {
        const parsed = block.columns[position];
        if (parsed?.type === 'category') levels.push(...parsed.fresh);
      }
      const ids = idAt < 0 ? undefined : block.columns[idAt];
      for (let start = 0; start < block.rows;) {
        const chunk = open();
        const end = Math.min(block.rows, start + CHUNK_ROWS - chunk.rows);
        sources.forEach(({ position }, at) => {
          const from = block.columns[position];
          if (from !== undefined) copy(chunk.columns[at], chunk.rows, from, start, end);
        });
        const times = chunk.columns[timeAt];
        for (let row = 0; row < end - start; row += 1) {
          const time = times[chunk.rows + row] ?? Number.NaN;
          if (time > newest) newest = time;
          if (time < oldest) oldest = time;
          chunk.ids.push(textAt(ids, start + row));
        }
        chunk.rows += end - start;
        start = end;
      }
    },
    requestId: (arrival) => {
      let at = arrival;
      for (const { rows, ids } of chunks) {
        if (at < rows) return ids[at] ?? null;
        at -= rows;
      }
      return null;
    },
    drop: () => chunks.shift() ?? null,
  };
}

/** Text of a row; null where the log says nothing. */
function textAt(column: ParsedColumn | undefined, row: number): string | null {
  if (column?.type !== 'text') return null;
  const ends = column.ends ?? none;
  const [start, end] = [row === 0 ? 0 : (ends[row - 1] ?? 0), ends[row] ?? 0];
  if (start === end) return null;
  return Buffer.from(column.bytes.buffer, column.bytes.byteOffset + start, end - start).toString('utf8');
}
