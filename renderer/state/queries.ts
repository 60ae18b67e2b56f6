import { useQueries, useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { BulkArray, BulkRequest } from '../../electron/contract/bulk.ts';
import type { CallName, Params, Result } from '../../electron/contract/calls.ts';
import type { CaseState } from '../../electron/contract/case.ts';
import type { Subject } from '../../electron/contract/events.ts';
import type { Dataset } from '../../electron/contract/evidence.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import type { MonitorRun } from '../../electron/contract/monitor.ts';
import type { Sample } from '../../electron/contract/samples.ts';
import type { ScanDetail, ScanSummary } from '../../electron/contract/scan.ts';
import { currentHost } from './host-context.ts';
import { useViewState } from './view-state.ts';

/** Which changes of the case make an answer old. What is not listed never changes while its parameters stay. */
const subjectsOfCall: Partial<Record<CallName, readonly Subject[]>> = {
  'evidence/list': ['evidence'],
  'dataset/list': ['evidence'],
  'model/list': ['evidence'],
  'log/list': ['logs'],
  'log/rows': ['logs'],
  'log/rows-at': ['logs'],
  'samples/page': ['evidence', 'verdicts', 'notes'],
  'samples/find': ['evidence'],
  'samples/losses': ['evidence'],
  'samples/neighbours': ['evidence'],
  'verdict/history': ['verdicts'],
  'scan/plan': ['evidence', 'scans'],
  'scan/ledger': ['scans', 'evidence'],
  'scan/list': ['scans', 'evidence'],
  'scan/get': ['scans', 'evidence'],
  'scan/compare': ['scans'],
  'scan/clean-bound': ['scans', 'evidence'],
  'structure/list': ['scans'],
  'comparison/get': ['verdicts'],
  'comparison/samples': ['verdicts'],
  'traits/of': ['evidence', 'scans'],
  'map/list': ['maps', 'evidence'],
  'cluster/list': ['clusterings', 'maps'],
  'corroborate/list': ['corroborations'],
  'export/preview': ['verdicts', 'scans', 'evidence'],
  'export/list': ['exports'],
  'audit/page': ['audit'],
  'log/bad-lines': ['logs'],
  'baseline/list': ['baselines'],
  'monitor/list': ['monitors', 'logs', 'baselines', 'alerts'],
  'monitor/get': ['monitors', 'logs', 'alerts'],
  'monitor/kpis': ['alerts'],
  'alert/list': ['alerts', 'monitors', 'incidents'],
  'alert/get': ['alerts', 'monitors', 'incidents'],
  'incident/list': ['incidents', 'alerts'],
  'rules/get': ['alerts'],
  'drill/list': ['monitors'],
};

const subjectsOfArray: Partial<Record<BulkRequest['array'], readonly Subject[]>> = {
  label: ['evidence'],
  predicted: ['evidence'],
  column: ['evidence'],
  images: ['evidence'],
  verdict: ['verdicts'],
  seen: ['seen'],
};

interface BezoarMeta extends Record<string, unknown> {
  readonly subjects: readonly Subject[];
}

/** The cache key of a call. */
export function callKey<N extends CallName>(name: N, params: Params<N> | null): readonly unknown[] {
  return ['call', name, params];
}

/** The cache key of a bulk array. */
export function bulkKey(request: BulkRequest | null): readonly unknown[] {
  return ['bulk', request?.array, request];
}

/** How a call is asked and kept; for hooks that ask many at a time. */
export function callOptions<N extends CallName>(name: N, params: Params<N> | null) {
  return {
    queryKey: callKey(name, params),
    queryFn: (): Promise<Result<N>> => {
      if (params === null) throw new Error(`${name} was asked without parameters.`);
      return currentHost().call(name, params);
    },
    enabled: params !== null,
    meta: { subjects: subjectsOfCall[name] ?? [] } satisfies BezoarMeta,
  };
}

/** Asks the engine and keeps the answer until the engine says that it changed. `null` asks nothing. */
export function useCall<N extends CallName>(name: N, params: Params<N> | null): UseQueryResult<Result<N>> {
  return useQuery<Result<N>>(callOptions(name, params));
}

/** A large array, kept until the engine says that it changed. `null` asks nothing. */
export function useBulk(request: BulkRequest | null): UseQueryResult<BulkArray> {
  return useQuery<BulkArray>({
    queryKey: bulkKey(request),
    queryFn: () => {
      if (request === null) throw new Error('An array was asked without a request.');
      return currentHost().bulk(request);
    },
    enabled: request !== null,
    structuralSharing: false,
    meta: { subjects: (request && subjectsOfArray[request.array]) ?? [] } satisfies BezoarMeta,
  });
}

/** `undefined` while it loads or when the array has another type. */
export function useUint8(request: BulkRequest | null): Uint8Array | undefined {
  const { data } = useBulk(request);
  return data?.dtype === 'uint8' ? data.data : undefined;
}

/** `undefined` while it loads or when the array has another type. */
export function useInt32(request: BulkRequest | null): Int32Array | undefined {
  const { data } = useBulk(request);
  return data?.dtype === 'int32' ? data.data : undefined;
}

/** `undefined` while it loads or when the array has another type. */
export function useUint32(request: BulkRequest | null): Uint32Array | undefined {
  const { data } = useBulk(request);
  return data?.dtype === 'uint32' ? data.data : undefined;
}

/** `undefined` while it loads or when the array has another type. */
export function useFloat32(request: BulkRequest | null): Float32Array | undefined {
  const { data } = useBulk(request);
  return data?.dtype === 'float32' ? data.data : undefined;
}

/** `undefined` while it loads or when the array has another type. */
export function useFloat64(request: BulkRequest | null): Float64Array | undefined {
  const { data } = useBulk(request);
  return data?.dtype === 'float64' ? data.data : undefined;
}

const NOTHING = {} as const;

/** The open case; null when none is open, undefined while that is not known. */
export function useCaseState(): CaseState | null | undefined {
  return useCall('case/state', NOTHING).data;
}

/** All jobs of the case, kept current by events. */
export function useJobs(): readonly Job[] {
  return useCall('job/list', NOTHING).data ?? [];
}

/** The sets of the case; empty while loading. */
export function useDatasets(): readonly Dataset[] {
  const open = useCaseState();
  return useCall('dataset/list', open ? NOTHING : null).data ?? [];
}

/** The set under investigation, when there is one. */
export function useInvestigated(): Dataset | undefined {
  return useDatasets().find((dataset) => dataset.role === 'investigated');
}

/** The set known to be clean, when there is one. */
export function useTrusted(): Dataset | undefined {
  return useDatasets().find((dataset) => dataset.role === 'trusted');
}

/** All monitor runs, newest first. */
export function useMonitorRuns(): readonly MonitorRun[] {
  const open = useCaseState();
  const { data } = useCall('monitor/list', open ? NOTHING : null);
  return useMemo(() => [...(data ?? [])].sort((a, b) => b.id - a.id), [data]);
}

/** The chosen monitor run, else the newest one; undefined when there is none. */
export function useActiveMonitorRun(): MonitorRun | undefined {
  const chosen = useViewState((s) => s.monitorRun);
  const runs = useMonitorRuns();
  return runs.find(({ id }) => id === chosen) ?? runs[0];
}

/** All scans, newest first. */
export function useScans(): readonly ScanSummary[] {
  const open = useCaseState();
  const { data } = useCall('scan/list', open ? NOTHING : null);
  return useMemo(() => [...(data ?? [])].sort((a, b) => b.id - a.id), [data]);
}

/** The chosen scan's id, else the newest one's; null when there is none. */
export function useActiveScanId(): number | null {
  const chosen = useViewState((s) => s.scan);
  const scans = useScans();
  if (chosen !== null && scans.some((scan) => scan.id === chosen)) return chosen;
  return scans[0]?.id ?? null;
}

/** The chosen scan, else the newest one, in full. */
export function useActiveScan(): ScanDetail | undefined {
  const id = useActiveScanId();
  return useCall('scan/get', id === null ? null : { scan: id }).data;
}

const SAMPLE_PAGE = 100;

/**
 * Samples for a window of a virtualised list.
 *
 * @param order dataset rows in the order of the list
 * @param first first position shown
 * @param last last position shown, inclusive
 * @returns the sample at a position, undefined while its page loads
 */
export function useSampleWindow(
  dataset: number | null,
  order: Int32Array,
  first: number,
  last: number,
): (position: number) => Sample | undefined {
  const firstPage = Math.max(0, Math.floor(first / SAMPLE_PAGE));
  const lastPage = Math.min(Math.floor(last / SAMPLE_PAGE), Math.ceil(order.length / SAMPLE_PAGE) - 1);
  const pages: number[] = [];
  for (let page = firstPage; page <= lastPage; page++) pages.push(page);
  const results = useQueries({
    queries: pages.map((page) =>
      callOptions(
        'samples/page',
        dataset === null
          ? null
          : { dataset, rows: Array.from(order.subarray(page * SAMPLE_PAGE, (page + 1) * SAMPLE_PAGE)) },
      ),
    ),
  });
  const byRow = new Map<number, Sample>();
  for (const { data } of results) for (const sample of data ?? []) byRow.set(sample.row, sample);
  return (position) => byRow.get(order[position]);
}

/** One sample; undefined while it loads. */
export function useSample(dataset: number | null, row: number | null): Sample | undefined {
  const { data } = useCall(
    'samples/page',
    dataset === null || row === null ? null : { dataset, rows: [row] },
  );
  return data?.[0];
}
