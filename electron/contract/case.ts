import { z } from 'zod';

/** A file that the host granted to the engine; the renderer never sees a path it was not given. */
export const FileToken = z.string().min(8).max(128).brand<'FileToken'>();
export type FileToken = z.infer<typeof FileToken>;

/** What a portable case is a part of: samples that were decided or cited, and nothing that could be analysed again. */
export const PortableOrigin = z.object({
  caseId: z.string(),
  caseName: z.string(),
  /** The audit of the whole case when the part was taken. */
  auditHead: z.string(),
  auditCount: z.number().int(),
  by: z.string(),
  atMs: z.number(),
  /** Investigated samples that it holds, of so many. */
  samples: z.number().int(),
  of: z.number().int(),
});
export type PortableOrigin = z.infer<typeof PortableOrigin>;

export const CaseState = z.object({
  id: z.string(),
  name: z.string(),
  /** The file's name and folder, for people. */
  location: z.string(),
  createdAtMs: z.number(),
  analyst: z.string().nullable(),
  /** The system account's name: what the analyst's name is proposed as. */
  proposedAnalyst: z.string(),
  question: z.string(),
  counts: z.object({
    evidence: z.number().int(),
    investigated: z.number().int(),
    trusted: z.number().int(),
    scans: z.number().int(),
    poison: z.number().int(),
    clean: z.number().int(),
    unsure: z.number().int(),
  }),
  auditHead: z.string(),
  auditCount: z.number().int(),
  /** Null for a whole case. */
  portable: PortableOrigin.nullable(),
});
export type CaseState = z.infer<typeof CaseState>;

export const RecentCase = z.object({
  id: z.string(),
  name: z.string(),
  location: z.string(),
  openedAtMs: z.number(),
  present: z.boolean(),
});
export type RecentCase = z.infer<typeof RecentCase>;

const nothing = z.object({});

export const caseCalls = {
  /** The open case, or null. */
  'case/state': { params: nothing, result: CaseState.nullable() },
  'case/create': { params: z.object({ target: FileToken }), result: CaseState },
  'case/open': { params: z.object({ file: FileToken }), result: CaseState },
  'case/open-recent': { params: z.object({ id: z.string() }), result: CaseState },
  'case/recent': { params: nothing, result: z.array(RecentCase) },
  'case/close': { params: nothing, result: nothing },
  'case/set-analyst': { params: z.object({ name: z.string().trim().min(1).max(120) }), result: CaseState },
  /** The question that the investigation is to answer; printed on the report. */
  'case/set-question': { params: z.object({ question: z.string().max(2000) }), result: CaseState },
  /** What the window looked like when the case was left: opaque to the engine, under 256 KiB. */
  'view/load': { params: nothing, result: z.object({ state: z.string().nullable() }) },
  'view/save': { params: z.object({ state: z.string().max(262_144) }), result: nothing },
  'engine/info': {
    params: nothing,
    result: z.object({
      version: z.string(),
      node: z.string(),
      sqlite: z.string(),
      threads: z.number().int(),
      pid: z.number().int(),
    }),
  },
} as const;
