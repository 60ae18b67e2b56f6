import { z } from 'zod';
import { FileToken } from './case.ts';

export const ExportKind = z.enum(['poison-csv', 'poison-json', 'manifest', 'report', 'suspects-csv']);
export type ExportKind = z.infer<typeof ExportKind>;

/** What is exported of the monitoring: the alerts of a run, or a baseline. */
export const MonitoringExportKind = z.enum(['alerts-json', 'baseline-json']);
export type MonitoringExportKind = z.infer<typeof MonitoringExportKind>;

/** A case of its own with what was decided and cited. */
export const PORTABLE_CASE = 'portable-case';

export const ExportPreview = z.object({
  total: z.number().int(),
  poison: z.number().int(),
  clean: z.number().int(),
  unsure: z.number().int(),
  suspects: z.number().int(),
  /** Suspects of the scan without a verdict: kept, and listed apart. */
  undecided: z.number().int(),
  kept: z.number().int(),
  /** Samples that a portable case would hold: investigated ones that were decided or are cited. */
  cited: z.number().int(),
  sentence: z.string(),
});
export type ExportPreview = z.infer<typeof ExportPreview>;

export const ExportRecord = z.object({
  kind: z.union([ExportKind, MonitoringExportKind, z.literal(PORTABLE_CASE)]),
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  auditHead: z.string(),
  atMs: z.number(),
  who: z.string(),
});
export type ExportRecord = z.infer<typeof ExportRecord>;

export const exportCalls = {
  'export/preview': { params: z.object({ scan: z.number().int().nullable() }), result: ExportPreview },
  /** Writes atomically: the whole file or none. */
  'export/write': {
    params: z.object({ kind: ExportKind, scan: z.number().int().nullable(), target: FileToken }),
    result: ExportRecord,
  },
  /** Starts the job that writes a portable case; its result is how many samples it holds. */
  'export/portable': { params: z.object({ target: FileToken }), result: z.object({ job: z.string() }) },
  /** The same of a run's alerts, or of a baseline; `of` is its number. */
  'export/monitoring': {
    params: z.object({ kind: MonitoringExportKind, of: z.number().int(), target: FileToken }),
    result: ExportRecord,
  },
  'export/list': { params: z.object({}), result: z.array(ExportRecord) },
} as const;
