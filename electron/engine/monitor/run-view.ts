import type { EventTable } from '../../../native-workers/drift/event-table.ts';
import type { Lane } from '../../contract/monitor.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { StoredMonitorRun } from '../case/monitor-run-table.ts';
import type { Engine } from '../engine.ts';
import { laneArray, requireMonitorRun, type LaneArray, type MonitorResult } from './monitor-run.ts';
import { selectRequests } from './select-requests.ts';

/** A run as the views look at it: stored, or of a log that is being followed. */
export interface RunView {
  readonly caseFile: CaseFile;
  readonly run: StoredMonitorRun;
  readonly result: MonitorResult;
  /** Empty where the run has none. */
  array(lane: Lane, array: LaneArray): Float64Array;
  /** Its requests; null where they are not to be had. */
  table(): Promise<EventTable | null>;
}

/** @throws BezoarError monitor/not-found */
export async function runView(engine: Pick<Engine, 'caseFile' | 'followings'>, id: number): Promise<RunView> {
  const caseFile = engine.caseFile();
  const run = requireMonitorRun(caseFile, id);
  const live = run.kind === 'follow' ? await engine.followings.judged(id) : null;
  if (live !== null)
    return {
      caseFile,
      run,
      result: live.result,
      array: (lane, array) => live.arrays.get(`${lane}:${array}`) ?? new Float64Array(0),
      table: () => Promise.resolve(live.table),
    };
  const result = run.result as MonitorResult;
  return {
    caseFile,
    run,
    result,
    array: (lane, array) => laneArray(caseFile, id, lane, array),
    table: async () => {
      if (result.source.kind !== 'logs') return null;
      const { table } = await selectRequests(caseFile, {
        logs: result.source.logs,
        fromMs: result.fromMs,
        toMs: result.toMs + 1,
        modelVersion: result.modelVersion,
      });
      return table;
    },
  };
}
