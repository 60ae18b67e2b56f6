import type { Dataset } from '../../contract/evidence.ts';
import type { ExportKind, MonitoringExportKind } from '../../contract/exports.ts';
import type { ScanDetail } from '../../contract/scan.ts';
import type { CaseFile } from '../case/case-file.ts';

/** A scan with its arrays, one value for each sample of the investigated set. */
export interface ExportedScan {
  readonly id: number;
  readonly detail: ScanDetail;
  readonly flagged: Uint8Array;
  /** 1 is the most suspicious. */
  readonly rank: Int32Array;
  readonly score: Float64Array;
  /** NaN without a certificate. */
  readonly pValue: Float64Array;
  /** Bit i is `detail.methodIds[i]`. */
  readonly methods: Uint32Array;
  /** 0 none, 1 alarm, 2 structure. */
  readonly grade: Uint8Array;
  /** Float64 scores of one detector, NaN not judged. */
  detectorScore(detector: string): Float64Array | null;
}

export interface ExportInput {
  readonly caseFile: CaseFile;
  /** The investigated set; trusted sets are in no export. */
  readonly dataset: Dataset;
  readonly scan: ExportedScan | null;
  readonly atMs: number;
  readonly who: string;
  /** The head of the audit chain before this export. */
  readonly auditHead: string;
  readonly auditCount: number;
  /** Version of Bezoar. */
  readonly version: string;
}

/** One kind of export: a file of its own and a line in the registry. */
export interface Export {
  readonly kind: ExportKind;
  /** The text of the file in pieces. @throws BezoarError export/nothing, before the first piece */
  pieces(input: ExportInput): Iterable<string>;
}

interface MonitoringExportInput {
  readonly caseFile: CaseFile;
  /** Number of the run or of the baseline. */
  readonly of: number;
  readonly atMs: number;
  /** Version of Bezoar. */
  readonly version: string;
}

/** An export of the monitoring: needs no samples. */
export interface MonitoringExport {
  readonly kind: MonitoringExportKind;
  /** The text of the file in pieces. @throws BezoarError, before the first piece, when there is nothing of that number */
  pieces(input: MonitoringExportInput): Iterable<string>;
}

export function defineMonitoringExport(one: MonitoringExport): MonitoringExport {
  return one;
}

export function defineExport(one: Export): Export {
  return one;
}
