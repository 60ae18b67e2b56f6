import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogMapping, LogOddity } from '../../../contract/logs.ts';
import type { LogTransaction } from '../../case/case-file.ts';
import { FILE_POSITION, LINE_POSITION, LOG_CHUNK_ROWS, PackedTexts } from '../../case/log-chunks.ts';
import { codeChunks, numberChunks, textChunks, type ColumnChunks, type Texts } from './column-chunks.ts';
import { DuplicateIds } from './duplicate-ids.ts';
import { LevelUnion } from './level-union.ts';
import { planColumns, type ColumnSpec } from './log-columns.ts';
import type { BlockOddities, ParsedBlock, ParsedColumn } from './log-messages.ts';
import { logOddities, type OddCounts } from './odd-counts.ts';
import { MOST_BAD_LINES } from './row-oddities.ts';

/** Candidates for double ids that are compared before others get a turn. */
const COMPARED_AT_ONCE = 4096;
const KEPT_ID_CHUNKS = 16;

interface FileProgress {
  readonly name: string;
  rows: number;
  lines: number;
  badLines: number;
}

/**
 * Puts the parsed blocks of a log together, in their order: common levels, chunks written as they fill, and what is odd
 * of the whole.
 */
export class LogAssembly {
  rows = 0;
  badCount = 0;
  readonly files: FileProgress[] = [];
  readonly #transaction: LogTransaction;
  readonly #columns: readonly ColumnSpec[];
  readonly #numbers: (ColumnChunks<Float64Array> | null)[];
  readonly #codes: (ColumnChunks<Uint32Array> | null)[];
  readonly #texts: (ColumnChunks<Texts> | null)[];
  readonly #levels: (LevelUnion | null)[];
  readonly #lines = codeChunks();
  readonly #files = codeChunks();
  readonly #duplicates = new DuplicateIds();
  readonly #bad: { file: number; line: number; reason: string; text: string }[] = [];
  readonly #odd: OddCounts;
  #chunk = 0;
  /** Requests are put together from several lines, so their rows may come from files that ended before. */
  #paired = false;
  #firstTime = Infinity;
  #lastTime = -Infinity;
  #timeBefore = -Infinity;

  constructor(transaction: LogTransaction, mapping: LogMapping, workers: number) {
    this.#transaction = transaction;
    this.#columns = planColumns(mapping).columns;
    this.#numbers = this.#columns.map(({ type }) => (type === 'number' ? numberChunks() : null));
    this.#codes = this.#columns.map(({ type }) => (type === 'category' ? codeChunks() : null));
    this.#texts = this.#columns.map(({ type }) => (type === 'text' ? textChunks() : null));
    this.#levels = this.#columns.map(({ type, name }) =>
      type === 'category' ? new LevelUnion(name, workers) : null,
    );
    this.#odd = {
      badLines: 0,
      truncated: [],
      nonFinite: 0,
      firstNonFinite: null,
      leftOut: [],
      same: [],
      readings: [],
      outOfOrder: 0,
      firstOutOfOrder: null,
      duplicates: 0,
      firstDuplicate: null,
      zones: new Map(),
      zoneMinutes: mapping.zoneMinutes,
      unmapped: 0,
      unmappedNames: new Set(),
      labelsEarly: 0,
      cutTexts: 0,
      dropped: new Map(),
      unpaired: 0,
      timeless: 0,
    };
  }

  /** @param lines line ends before its first block */
  beginFile(name: string, lines: number): void {
    this.files.push({ name, rows: 0, lines, badLines: 0 });
    this.#timeBefore = -Infinity;
  }

  /** Takes the next block of the file begun last; other calls of the engine get their turn between columns. */
  async add(worker: number, block: ParsedBlock): Promise<void> {
    const at = this.files.length - 1;
    const file = this.files[at];
    this.#countBad(block, file);
    // From here on the rows have the lines of their files, from 1.
    if (block.file === null) for (let i = 0; i < block.rows; i += 1) block.line[i] += file.lines + 1;
    const files = block.file ?? new Uint32Array(block.rows).fill(at);
    this.#paired ||= block.file !== null;
    const place = (row: number): string => `${this.files[files[row]].name}, line ${block.line[row]}`;
    this.#countOdd(block.oddities, place);
    const times = block.columns[0];
    if (times.type === 'number') this.#watchClock(times.values, place);
    if (block.idHashes !== null) this.#duplicates.add(block.idHashes);
    for (const [position, column] of block.columns.entries())
      if (column.type === 'category') this.#levels[position]?.unite(worker, column.fresh, column.codes);
    file.lines += block.lines;
    for (const one of files) this.files[one].rows += 1;
    for (let from = 0; from < block.rows;) {
      const to = Math.min(block.rows, from + this.#lines.room);
      for (const [position, column] of block.columns.entries()) this.#addValues(position, column, from, to);
      this.#lines.add(block.line, from, to);
      this.#files.add(files, from, to);
      this.rows += to - from;
      from = to;
      if (this.#lines.room === 0) await this.#writeChunk();
    }
  }

  /** What was told of a file and may be wrong. */
  tell(sentences: readonly string[]): void {
    this.#odd.readings.push(...sentences);
  }

  /** Names of files that were left out, and of those that hold the same bytes as one before them. */
  tellFiles({ leftOut, same }: { leftOut: readonly string[]; same: readonly string[] }): void {
    this.#odd.leftOut.push(...leftOut);
    this.#odd.same.push(...same);
  }

  /** Writes what is left, and compares double ids. */
  async finish(): Promise<void> {
    await this.#writeChunk();
    await this.#compareIds();
  }

  /** The facts of the log for its transaction, once finished; `evidence` is the row of each file. */
  facts(
    evidence: readonly number[],
  ): Pick<
    Parameters<LogTransaction['commit']>[0],
    'rows' | 'firstTimeMs' | 'lastTimeMs' | 'classes' | 'columns' | 'badLines' | 'oddities'
  > {
    const classes = new Set<string>();
    const columns = this.#columns.map((column, at) => {
      const levels = this.#levels[at]?.levels() ?? null;
      if (column.role === 'predicted' || column.role === 'label')
        for (const level of levels ?? []) if (level !== null) classes.add(level);
      return { ...column, levels };
    });
    return {
      rows: this.rows,
      firstTimeMs: this.#firstTime,
      lastTimeMs: this.#lastTime,
      classes: [...classes].sort(),
      columns,
      badLines: this.#bad.map(({ file, ...bad }) => ({ evidence: evidence[file], ...bad })),
      oddities: this.oddities(),
    };
  }

  oddities(): LogOddity[] {
    return logOddities({ ...this.#odd, badLines: this.badCount });
  }

  /** The first bad lines in words, for a refusal. */
  firstBadLines(most: number): string[] {
    return this.#bad
      .slice(0, most)
      .map(({ file, line, reason }) => `${this.files[file].name}, line ${line}: ${reason}`);
  }

  #addValues(at: number, column: ParsedColumn, from: number, to: number): void {
    if (column.type === 'number') this.#numbers[at]?.add(column.values, from, to);
    else if (column.type === 'category') this.#codes[at]?.add(column.codes, from, to);
    else this.#texts[at]?.add(column, from, to);
  }

  async #writeChunk(): Promise<void> {
    for (const at of this.#columns.keys()) {
      const full = (this.#numbers[at] ?? this.#codes[at] ?? this.#texts[at])?.take() ?? null;
      if (full === null) continue;
      this.#transaction.addChunk(at, this.#chunk, full.rows, full.dtype, full.bytes);
      await nextTurn();
    }
    const lines = this.#lines.take();
    const files = this.#files.take();
    if (lines === null || files === null) return;
    this.#transaction.addChunk(LINE_POSITION, this.#chunk, lines.rows, lines.dtype, lines.bytes);
    if (this.#paired)
      this.#transaction.addChunk(FILE_POSITION, this.#chunk, files.rows, files.dtype, files.bytes);
    this.#chunk += 1;
  }

  #countBad(block: ParsedBlock, file: FileProgress): void {
    this.badCount += block.badCount;
    file.badLines += block.badCount;
    for (const { line, reason, text } of block.bad)
      if (this.#bad.length < MOST_BAD_LINES)
        this.#bad.push({ file: this.files.length - 1, line: file.lines + line + 1, reason, text });
    if (block.truncated) this.#odd.truncated.push(file.name);
  }

  #countOdd(found: BlockOddities, place: (row: number) => string): void {
    const odd = this.#odd;
    odd.nonFinite += found.nonFinite;
    if (found.firstNonFinite !== null)
      odd.firstNonFinite ??= `${JSON.stringify(found.firstNonFinite.column)} of ${place(found.firstNonFinite.row)}`;
    for (const [zone, rows] of found.zones) odd.zones.set(zone, (odd.zones.get(zone) ?? 0) + rows);
    odd.unmapped += found.unmapped;
    for (const name of found.unmappedNames) odd.unmappedNames.add(name);
    odd.labelsEarly += found.labelsEarly;
    odd.cutTexts += found.cutTexts;
    for (const [reason, rows] of found.dropped)
      odd.dropped.set(reason, (odd.dropped.get(reason) ?? 0) + rows);
    odd.unpaired += found.unpaired;
    odd.timeless += found.timeless;
  }

  #watchClock(times: Float64Array, place: (row: number) => string): void {
    let before = this.#timeBefore;
    for (let i = 0; i < times.length; i += 1) {
      const time = times[i];
      // Requests that are put together stand in the order of their answers, which is not that of the clock.
      if (time < before && !this.#paired) {
        this.#odd.outOfOrder += 1;
        this.#odd.firstOutOfOrder ??= place(i);
      }
      if (time < this.#firstTime) this.#firstTime = time;
      if (time > this.#lastTime) this.#lastTime = time;
      before = time;
    }
    this.#timeBefore = before;
  }

  /** Equal hashes are compared id by id, in the chunks that were written. */
  async #compareIds(): Promise<void> {
    const { candidates } = this.#duplicates;
    if (candidates.length === 0) return;
    const id = this.#columns.findIndex(({ role }) => role === 'request-id');
    const row = this.#columns.findIndex(({ role }) => role === 'row-in-request');
    const ids = new Map<number, PackedTexts>();
    const places = new Map<number, Float64Array>();
    const chunkOf = <T>(kept: Map<number, T>, at: number, read: (chunk: number) => T): T => {
      const chunk = Math.floor(at / LOG_CHUNK_ROWS);
      let found = kept.get(chunk);
      if (found === undefined) {
        if (kept.size === KEPT_ID_CHUNKS) kept.clear();
        kept.set(chunk, (found = read(chunk)));
      }
      return found;
    };
    const idOf = (at: number): Uint8Array =>
      chunkOf(ids, at, (chunk) => {
        const rows = Math.min(LOG_CHUNK_ROWS, this.rows - chunk * LOG_CHUNK_ROWS);
        return new PackedTexts(this.#transaction.chunk(id, chunk), rows);
      }).bytes(at % LOG_CHUNK_ROWS);
    const placeOf = (at: number): number =>
      row < 0
        ? 0
        : chunkOf(
            places,
            at,
            (chunk) => new Float64Array(new Uint8Array(this.#transaction.chunk(row, chunk)).buffer),
          )[at % LOG_CHUNK_ROWS] || 0;
    for (let pair = 0; pair < candidates.length; pair += 2) {
      const [first, second] = [candidates[pair], candidates[pair + 1]];
      const [a, b] = [idOf(first), idOf(second)];
      if (Buffer.compare(a, b) === 0 && placeOf(first) === placeOf(second)) {
        this.#odd.duplicates += 1;
        this.#odd.firstDuplicate ??= Buffer.from(b).toString('utf8');
      }
      if (pair % COMPARED_AT_ONCE === 0) await nextTurn();
    }
  }
}
