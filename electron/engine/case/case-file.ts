import type { EventTable } from '../../../native-workers/drift/event-table.ts';
import type { RowBlocks } from '../../../native-workers/numeric/row-blocks.ts';
import type { CaseState } from '../../contract/case.ts';
import type {
  ArrayRole,
  BadRow,
  ColumnRole,
  Dataset,
  DatasetRole,
  Dtype,
  Evidence,
  EvidenceReport,
  Finding,
  KeptFinding,
  MatrixInfo,
} from '../../contract/evidence.ts';
import type {
  Log,
  LogBadLine,
  LogColumn,
  LogFilter,
  LogMapping,
  LogOddity,
  LogRole,
  LogRow,
} from '../../contract/logs.ts';
import type { PortableOrigin } from '../../contract/case.ts';
import type { ExportRecord } from '../../contract/exports.ts';
import type { AuditEntry } from '../../contract/jobs.ts';
import type { ModelFile } from '../../contract/models.ts';
import type { Sample, Verdict, VerdictEntry } from '../../contract/samples.ts';
import type { KnownStructure } from '../../contract/scan.ts';
import type { AlertTable } from './alert-table.ts';
import type { BaselineTable } from './baseline-table.ts';
import type { ComparedTable } from './compared-case.ts';
import type { IncidentTable } from './incident-table.ts';
import type { MonitorRulesTable } from './monitor-rules-table.ts';
import type { MonitorRunTable } from './monitor-run-table.ts';
import type { Turn } from './portable-case.ts';
import type { CaseOrigin, TakenVerdict } from './verdict-origin.ts';
import type { MatrixLink } from './linked-file.ts';

/**
 * The open case: what the rest of the engine knows of the SQLite file. Everything that changes the case runs inside
 * {@link CaseFile.change}, one transaction that also appends to the audit chain.
 */
export interface CaseFile {
  readonly path: string;
  readonly id: string;
  readonly name: string;
  /** What it is a part of; null for a whole case. Of a part nothing can be analysed again. */
  readonly portable: PortableOrigin | null;
  state(): Omit<CaseState, 'proposedAnalyst'>;
  setAnalyst(name: string): void;
  setQuestion(question: string): void;
  loadView(): string | null;
  saveView(state: string): void;
  /** The name that stands on verdicts and audit lines: the analyst's, else the system account's. */
  actor(): string;

  readonly evidence: EvidenceTable;
  readonly findings: FindingTable;
  readonly datasets: DatasetTable;
  readonly matrices: MatrixTable;
  readonly links: LinkTable;
  readonly verdicts: VerdictTable;
  readonly runs: RunTable;
  readonly structures: StructureTable;
  readonly exports: ExportTable;
  readonly logs: LogTable;
  readonly audit: AuditTable;
  readonly baselines: BaselineTable;
  readonly monitorRuns: MonitorRunTable;
  readonly alerts: AlertTable;
  readonly incidents: IncidentTable;
  readonly monitorRules: MonitorRulesTable;
  readonly compared: ComparedTable;

  /** One transaction with its audit line; what `work` throws rolls both back. `detail` is JSON-serialisable facts. */
  change<T>(action: string, detail: Record<string, unknown>, work: () => T): T;
  /** Starts an import: all or nothing, rolled back by `abandon` or a crash. Only one at a time. */
  beginImport(): ImportTransaction;
  /** The same of a production log. */
  beginLog(): LogTransaction;
  /**
   * Writes a portable case of this one to a path where nothing stands; returns how many samples it holds.
   * @throws BezoarError export/nothing, case/disk-full, case/read-only; what `turn` throws
   */
  writePortable(path: string, turn: Turn): Promise<number>;
  /** Resolves when no import is being written; until then every change is refused with `case/in-use`. */
  writable(): Promise<void>;
  /** Checkpoints to one file and closes. */
  close(): void;
}

/** What an import writes; nothing of it is visible or kept before `commit`. */
export interface ImportTransaction {
  /** `ownKeys` false: the records have no key column and the row index is the key. True unless said. */
  addDataset(dataset: { role: DatasetRole; name: string; ownKeys?: boolean }): number;
  addEvidence(
    evidence: Omit<
      Evidence,
      | 'id'
      | 'dataset'
      | 'log'
      | 'importedAtMs'
      | 'importedBy'
      | 'superseded'
      | 'builtIn'
      | 'link'
      | 'notes'
      | 'entry'
      | 'findings'
      | 'badRows'
      | 'report'
    > & {
      dataset: DatasetRole;
      mapping: unknown;
      entry?: string | null;
      findings?: readonly Finding[];
      report?: EvidenceReport | null;
      badRows?: { readonly count: number; readonly first: readonly BadRow[] };
    },
  ): number;
  /** Once the whole file was read; its hash and rows may be left at '' and 0 until then. */
  finishEvidence(
    evidence: number,
    facts: { sha256: string; rows: number; notes?: readonly string[] | undefined },
  ): void;
  addColumns(
    dataset: number,
    columns: readonly { name: string; role: ColumnRole; type: 'text' | 'number' }[],
  ): void;
  /** Takes back columns and samples of a set that this import made, for them to come anew. */
  emptySet(dataset: number): void;
  /** Rows must come in order from 0. `cells` follow the order of addColumns. */
  addSamples(dataset: number, samples: readonly ImportedSample[]): void;
  /** So many further samples of a set without columns that are nothing but their number, which is their key. */
  addNumbered(dataset: number, rows: number): void;
  addMatrix(
    dataset: number,
    evidence: number,
    matrix: { role: ArrayRole; dtype: Dtype; shape: readonly number[]; builtIn?: string | null },
  ): number;
  addChunk(matrix: number, index: number, firstRow: number, rows: number, bytes: Uint8Array): void;
  /** The values of the matrix stay in this file. */
  linkMatrix(matrix: number, link: MatrixLink): void;
  /** Hash of the matrix: little-endian C-order values in the stored dtype. */
  finishMatrix(matrix: number, sha256: string): void;
  /** Built-in features give way, of all active sets: they lie in one space. */
  supersedeBuiltIn(): void;
  addModel(model: Omit<ModelFile, 'id' | 'importedAtMs' | 'importedBy'>): number;
  /** Sets of the role from before this import are no longer active. */
  supersede(role: DatasetRole): void;
  /** Keys that would stand in both active sets after this import. */
  overlappingKeys(limit: number): string[];
  commit(action: string, detail: Record<string, unknown>): void;
  abandon(): void;
}

export interface ImportedSample {
  readonly row: number;
  readonly key: string;
  readonly label: string | null;
  readonly predicted: string | null;
  readonly confidence: number | null;
  readonly cells: readonly (string | number | null)[];
}

export interface EvidenceTable {
  list(): Evidence[];
  /** The first records of an evidence file that were left out. */
  badRows(evidence: number): BadRow[];
  models(): ModelFile[];
}

/** What was found in files, of evidence and of refused files alike. */
export interface FindingTable {
  list(): KeptFinding[];
  addRefused(file: { name: string; size: number; sha256: string }, findings: readonly Finding[]): void;
}

export interface DatasetTable {
  /** Active sets: at most one of each role. */
  list(): Dataset[];
  active(role: DatasetRole): Dataset | null;
  /** Class index per row in {@link Dataset.classes}; -1 without a label. */
  labels(dataset: number): Int32Array;
  predicted(dataset: number): Int32Array;
  keys(dataset: number): string[];
  /** The samples of a set with that label, in row order; sets that are no longer active too. */
  keysWithLabel(dataset: number, label: string): { row: number; key: string }[];
  /** Null where missing. */
  textColumn(dataset: number, name: string): (string | null)[];
  /** NaN where missing. `confidence` is a column too. */
  numberColumn(dataset: number, name: string): Float64Array;
  samples(dataset: number, rows: readonly number[]): Sample[];
  find(dataset: number, query: string, limit: number): number[];
  /** Keys that stand in both active sets. */
  overlappingKeys(limit: number): string[];
  setNote(dataset: number, row: number, text: string): void;
  markSeen(dataset: number, rows: readonly number[]): void;
  seen(dataset: number): Uint8Array;
}

export interface MatrixTable {
  find(dataset: number, role: ArrayRole): MatrixInfo | null;
  /** The whole matrix as float32 on a SharedArrayBuffer, shape (n, d). */
  loadFloat32(matrix: MatrixInfo): Float32Array;
  /** The matrix as float32, read chunk by chunk: for what does not need all of it in memory at once. */
  rowBlocks(matrix: MatrixInfo): RowBlocks;
  /** Images of the rows in that order, as stored, shape (rows, H, W) or (rows, H, W, 3). */
  imageRows(matrix: MatrixInfo, rows: readonly number[]): { shape: number[]; data: Uint8Array };
  /** Recomputes the hash from the values in the case, or in the file that they are linked to. */
  hash(matrix: MatrixInfo): string;
}

/** Matrices that stay in their files. */
export interface LinkTable {
  /** The link of the matrix that came of an evidence file; null where there is none. */
  of(evidence: number): MatrixLink | null;
  /** All matrices that lie in a file of that size and hash are read at `path` from now on. */
  relink(found: Pick<MatrixLink, 'path' | 'size' | 'sha256' | 'modifiedMs'>): void;
}

export interface VerdictTable {
  bytes(dataset: number): Uint8Array;
  set(dataset: number, rows: readonly number[], verdict: Verdict | null, reason: string): number;
  /**
   * Verdicts of another case, each kept with whose it was there, as one action and one step of undo. `keptOurs` is how
   * many of its verdicts were put aside for one of this case.
   */
  takeOver(dataset: number, taken: readonly TakenVerdict[], from: CaseOrigin, keptOurs: number): void;
  undo(): { changed: number; sentence: string; rows: number[] };
  redo(): { changed: number; sentence: string; rows: number[] };
  history(dataset: number, row: number): VerdictEntry[];
  /** Rows with that verdict, in row order, with the entry in force. */
  decided(dataset: number, verdict: Verdict): { row: number; entry: VerdictEntry }[];
}

/** Runs: scans, maps, clusterings, corroborations. Arrays of a run are packed little-endian blobs by name. */
export interface RunTable {
  add(run: NewRun): number;
  list(kind: RunKind): StoredRun[];
  get(id: number): StoredRun | null;
  array(id: number, name: string): Uint8Array | null;
}

export type RunKind = 'scan' | 'map' | 'clustering' | 'corroboration';

export interface NewRun {
  readonly kind: RunKind;
  readonly dataset: number;
  readonly engine: string;
  readonly version: string;
  readonly parameters: Record<string, unknown>;
  readonly seed: number;
  /** Name and SHA-256 of every input, so that a changed input marks the run stale. */
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  readonly startedAtMs: number;
  readonly milliseconds: number;
  readonly peakRssBytes: number;
  /** The result without its arrays, JSON-serialisable. */
  readonly result: unknown;
  readonly arrays: readonly { readonly name: string; readonly data: Uint8Array }[];
  /** Class findings of a scan, queryable. */
  readonly classFindings: readonly {
    readonly classIndex: number;
    readonly className: string;
    readonly decision: string;
    readonly ways: string;
    readonly statistic: number | null;
    readonly pValue: number | null;
    readonly flagged: number;
  }[];
}

export interface StoredRun extends Omit<NewRun, 'arrays' | 'classFindings'> {
  readonly id: number;
  readonly startedBy: string;
}

/** Structures that the analyst judged natural. Judgements and withdrawals are only ever added. */
export interface StructureTable {
  add(structure: NewStructure): number;
  /** @throws BezoarError structure/not-found, also when it was withdrawn before */
  withdraw(id: number): void;
  list(): KnownStructure[];
  /**
   * Those that are not withdrawn and can be told in this set: sets with a key column are compared by their keys; row
   * numbers name the same samples only in the same records.
   */
  inForce(dataset: number): StructureInForce[];
  /** Goes up with every judgement and every withdrawal. */
  revision(): number;
}

interface NewStructure {
  readonly scan: number;
  readonly className: string;
  readonly keys: readonly string[];
  readonly reason: string;
}

export interface StructureInForce {
  readonly id: number;
  readonly className: string;
  readonly keys: readonly string[];
  readonly reason: string;
  readonly by: string;
  readonly atMs: number;
}

export interface ExportTable {
  add(record: ExportRecord, detail: Record<string, unknown>): void;
  list(): ExportRecord[];
}

export interface AuditTable {
  page(before: number | null, limit: number): AuditEntry[];
  head(): { seq: number; hash: string };
  /**
   * Walks the whole chain and holds everything stored against it: the file's own structure, samples, matrices, runs,
   * known structures, verdicts and exports.
   */
  verify(): { ok: boolean; entries: number; head: string; sentence: string };
}

/** Numbers in a chunk of a log's column; `text`: the end of each row's text as uint32, then the texts, UTF-8. */
export type LogDtype = 'float64' | 'uint8' | 'uint16' | 'uint32' | 'text';

/** What the import of a log writes; nothing of it is visible or kept before `commit`. */
export interface LogTransaction {
  /** The log's id. */
  readonly log: number;
  /** Files in the order of their rows. */
  addFile(file: {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
    readonly format: string;
    readonly rows: number;
    readonly badLines: number;
  }): number;
  addChunk(position: number, chunk: number, rows: number, dtype: LogDtype, bytes: Uint8Array): void;
  /** The bytes of a chunk written before. */
  chunk(position: number, chunk: number): Uint8Array;
  commit(log: {
    readonly role: LogRole;
    readonly name: string;
    readonly rows: number;
    readonly firstTimeMs: number;
    readonly lastTimeMs: number;
    readonly classes: readonly string[];
    readonly mapping: LogMapping;
    readonly oddities: readonly LogOddity[];
    /** Levels of a category by code from 1, null where no row has it; null for other columns. */
    readonly columns: readonly (Omit<LogColumn, 'levels'> & {
      readonly levels: readonly (string | null)[] | null;
    })[];
    /** The first of them, in the order of files and lines. */
    readonly badLines: readonly EvidenceLine[];
  }): void;
  abandon(): void;
}

interface EvidenceLine {
  readonly evidence: number;
  readonly line: number;
  readonly reason: string;
  /** How it begins. */
  readonly text: string;
}

/** Which rows of which logs a loaded table holds. */
export interface LogRows {
  /** Log of each row, shape (rows,). */
  readonly log: Int32Array;
  /** Place of each row in its log's order of time, shape (rows,). */
  readonly row: Int32Array;
}

export interface LoadedLog extends LogRows {
  readonly table: EventTable;
  /** How many requests each row stands for; null when every row stands for itself. */
  readonly weight: Float64Array | null;
}

/** Production logs. Rows of a log are numbered in order of time, equal times in the order of files and lines. */
export interface LogTable {
  list(): Log[];
  /** @throws BezoarError log/not-found */
  get(log: number): Log;
  /**
   * The logs as one table in order of time on shared memory; latencies in milliseconds. With `columns`, of the numeric
   * and categorical ones these alone, by name.
   * @throws BezoarError log/not-found
   */
  load(logs: readonly number[], columns?: readonly string[]): Promise<LoadedLog>;
  rows(log: number, rows: readonly number[]): LogRow[];
  /** Null where a row has none. */
  requestIds(log: number, rows: readonly number[]): (string | null)[];
  /** Rows whose time lies from `fromMs`, inclusive, to `toMs`, exclusive: the first and the one past the last. */
  range(log: number, fromMs: number, toMs: number): { first: number; end: number };
  /** Rows that pass the filter, in order of time or of a column (missing values last). */
  find(
    log: number,
    filter: LogFilter,
    sort: { readonly column: number; readonly descending: boolean } | null,
  ): Promise<Uint32Array>;
  badLines(log: number): LogBadLine[];
}
