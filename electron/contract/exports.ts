import { z } from 'zod';
import { FileToken } from './case.ts';

export const ExportKind = z.enum(['poison-csv', 'poison-json', 'manifest', 'report', 'suspects-csv']);
export type ExportKind = z.infer<typeof ExportKind>;

export const ExportPreview = z.object({
  total: z.number().int(),
  poison: z.number().int(),
  clean: z.number().int(),
  unsure: z.number().int(),
  suspects: z.number().int(),
  /** Suspects of the scan without a verdict: kept, and listed apart. */
  undecided: z.number().int(),
  kept: z.number().int(),
  sentence: z.string(),
});
export type ExportPreview = z.infer<typeof ExportPreview>;

export const ExportRecord = z.object({
  kind: ExportKind,
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
  'export/list': { params: z.object({}), result: z.array(ExportRecord) },
} as const;
