import { z } from 'zod';

export const Job = z.object({
  id: z.string(),
  kind: z.enum([
    'import',
    'import-log',
    'features',
    'scan',
    'map',
    'cluster',
    'corroborate',
    'export',
    'verify',
    'compare',
    'baseline',
    'monitor',
    'drill',
  ]),
  title: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted']),
  phase: z.string(),
  /** 0 to 1, never falls. */
  fraction: z.number(),
  itemsDone: z.number().nullable(),
  itemsTotal: z.number().nullable(),
  unit: z.string(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  /** Remaining seconds, null while unknown. */
  estimateSeconds: z.number().nullable(),
  failure: z.object({ code: z.string(), sentence: z.string() }).nullable(),
  /** The row of the run, map, clustering or corroboration that a finished job made. */
  result: z.number().int().nullable(),
});
export type Job = z.infer<typeof Job>;

export const AuditEntry = z.object({
  seq: z.number().int(),
  atMs: z.number(),
  actor: z.string(),
  action: z.string(),
  detail: z.string(),
  payloadHash: z.string(),
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const jobCalls = {
  'job/list': { params: z.object({}), result: z.array(Job) },
  'job/cancel': { params: z.object({ job: z.string() }), result: z.object({}) },
  /** Runs a failed, cancelled or interrupted job again with the same parameters. */
  'job/retry': { params: z.object({ job: z.string() }), result: z.object({ job: z.string() }) },
  /** Newest first. */
  'audit/page': {
    params: z.object({ before: z.number().int().nullable(), limit: z.number().int().min(1).max(500) }),
    result: z.array(AuditEntry),
  },
  'audit/verify': {
    params: z.object({}),
    result: z.object({ ok: z.boolean(), entries: z.number().int(), head: z.string(), sentence: z.string() }),
  },
} as const;
