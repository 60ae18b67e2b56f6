import type { MapInfo } from '../../contract/maps.ts';
import type { CaseFile, NewRun, StoredRun } from '../case/case-file.ts';
import { peakRssBytes } from '../peak-memory.ts';
import { arrayBytes } from '../run-arrays.ts';
import { mapInputs, staleReason } from '../scan/run-inputs.ts';

/** What the case keeps of a map beside its arrays. */
type MapResult = Omit<MapInfo, 'id' | 'engine' | 'seed' | 'createdAtMs' | 'milliseconds' | 'stale'>;

export interface DrawnMap extends MapResult {
  /** What is recorded of how it was drawn, beside kind and scope. */
  readonly choice: Readonly<Record<string, unknown>>;
  readonly engine: string;
  readonly version: string;
  readonly seed: number;
  readonly startedAtMs: number;
  /** Dataset rows on the map, ascending, shape (shown,). */
  readonly rows: Int32Array;
  /** Shape (shown, 2). */
  readonly coordinates: Float32Array;
}

/** A drawn map as the case stores it. */
export function mapRun(caseFile: CaseFile, dataset: number, map: DrawnMap): NewRun {
  const { engine, version, seed, startedAtMs, rows, coordinates, choice, ...result } = map;
  return {
    kind: 'map',
    dataset,
    engine,
    version,
    parameters: { kind: result.kind, scope: result.scopeName, ...choice },
    seed,
    inputs: mapInputs(caseFile, result.kind),
    startedAtMs,
    milliseconds: Date.now() - startedAtMs,
    peakRssBytes: peakRssBytes(),
    result: result satisfies MapResult,
    arrays: [
      { name: 'rows', data: arrayBytes(rows) },
      { name: 'coordinates', data: arrayBytes(coordinates) },
    ],
    classFindings: [],
  };
}

export function mapInfo(caseFile: CaseFile, run: StoredRun): MapInfo {
  const result = run.result as Omit<MapResult, 'how'> & Partial<Pick<MapResult, 'how'>>;
  return {
    how: '',
    ...result,
    id: run.id,
    engine: run.engine,
    seed: run.seed,
    createdAtMs: run.startedAtMs,
    milliseconds: run.milliseconds,
    stale: staleReason(caseFile, run, mapInputs(caseFile, result.kind)) !== null,
  };
}
