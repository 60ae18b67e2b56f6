import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { familiesOf } from '../../../native-workers/drift/families.ts';
import { CLASS_BINS } from '../../../native-workers/drift/reference-layout.ts';
import {
  promiseDays,
  promiseSentence,
  type BehaviourReference,
} from '../../../native-workers/drift/reference.ts';
import { BaselineProfile } from '../../contract/baselines.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { NewBaseline } from '../case/baseline-table.ts';
import { largestRankError } from './baseline-profile.ts';

/** Larger files are no baseline. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Of a column, level or class. */
const MOST_NAME = 4096;

const count = z.number().min(0);
const name = z.string().max(MOST_NAME);
const bins = z.object({
  edges: z.array(z.number()).max(64),
  below: z.array(z.number().min(0).max(1)).max(64),
});

const Layout = z.object({
  classes: z.array(name).max(100_000),
  rare: z.array(z.object({ name, rows: count })).max(100_000),
  groupOfClass: z.array(z.number().int().min(0)),
  groups: z.number().int().min(1).max(1000),
  classNumbers: z
    .array(
      z.object({
        name,
        kind: z.enum(['confidence', 'feature']),
        bins: z.array(bins),
        cells: z.array(z.number().min(0).max(1)).max(20),
      }),
    )
    .max(10_000),
  categories: z.array(z.object({ name, levels: z.array(name).max(200) })).max(10_000),
  loads: z.array(bins.extend({ name })).max(10_000),
});

const Reference = z.object({
  format: z.literal(1),
  rows: z.number().int().min(1),
  firstMs: z.number(),
  lastMs: z.number(),
  days: z.number().int().min(1),
  layout: Layout,
  families: z.array(
    z.object({
      kind: z.string(),
      name: z.string(),
      rows: z.array(count),
      counts: z.array(count),
      hour: z.array(count).nullable(),
      weekday: z.array(count).nullable(),
      phi: z.array(z.number().min(1)),
      pooledPhi: z.array(z.number().min(1)),
      dispersion: z.array(
        z.object({ window: z.enum(['1 h', '6 h', '1 d', '7 d']), phi: z.number().nullable() }),
      ),
    }),
  ),
  classBins: z.array(z.array(z.array(count))),
  daily: z.array(z.object({ day: z.number().int(), classes: z.array(count) })),
  selfCheck: z.object({
    judged: z.boolean(),
    drifts: z.boolean(),
    pValue: z.number().nullable(),
    sentence: z.string(),
  }),
});

const BaselineFile = z.object({
  format: z.literal('bezoar-baseline'),
  formatVersion: z.literal(1),
  name: z.string().trim().min(1).max(120),
  model: z.string().nullable(),
  modelVersion: z.string().nullable(),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  rows: z.number().int().min(0),
  days: z.number().int().min(0),
  notes: z.array(z.string()),
  selfCheck: z.string(),
  profile: BaselineProfile,
  reference: Reference.nullable(),
});

function malformed(file: string, why: string): BezoarError {
  return new BezoarError(
    'baseline/malformed',
    `${file} is no baseline that Bezoar reads: ${why}. Nothing was imported. Export the baseline again where it was made.`,
  );
}

/** Why the parts of a reference do not fit one another; null when they do. Sizes that arrays are made of are checked before. */
function misfit(reference: BehaviourReference): string | null {
  const { layout } = reference;
  if (layout.groupOfClass.length !== layout.classes.length + 1)
    return 'its classes and groups differ in number';
  if (layout.groupOfClass.some((group) => group >= layout.groups))
    return 'a class is in a group that is not there';
  if (layout.classNumbers.some(({ bins: own }) => own.length !== layout.groups))
    return 'the bins of a column are not one set a group';
  for (const { edges, below } of [...layout.classNumbers.flatMap((one) => one.bins), ...layout.loads]) {
    if (edges.length > CLASS_BINS - 2) return 'a column has more bins than there is room for';
    if (edges.length !== below.length) return 'a column has bins without shares';
    if (edges.some((edge, at) => at > 0 && edge <= edges[at - 1])) return 'the edges of a column do not rise';
  }
  const families = familiesOf(layout);
  if (families.length !== reference.families.length) return 'it does not have the families of its layout';
  for (const [at, { groups, cells, kind, name: of }] of families.entries()) {
    const one = reference.families[at];
    if (one.kind !== kind || one.name !== of) return `family ${at + 1} is not ${kind} ${of}`;
    if (one.rows.length !== groups || one.counts.length !== groups * cells)
      return `the counts of ${kind} ${of} have the wrong length`;
    if (one.hour !== null && one.hour.length !== 24 * cells)
      return `the hours of ${kind} ${of} have the wrong length`;
    if (one.weekday !== null && one.weekday.length !== 7 * cells)
      return `the weekdays of ${kind} ${of} have the wrong length`;
    if (one.phi.length !== cells || one.pooledPhi.length !== cells)
      return `the dispersion of ${kind} ${of} has the wrong length`;
  }
  if (reference.classBins.length !== layout.classNumbers.length)
    return 'its bins are not those of its columns';
  for (const rows of reference.classBins)
    if (rows.length !== layout.groups || rows.some((row) => row.length !== CLASS_BINS))
      return 'a column has the wrong number of bins';
  return null;
}

/**
 * Reads a baseline that was exported, here or by another program after docs/schemas/baseline.schema.json.
 * @throws BezoarError baseline/malformed
 */
export function readBaselineFile(path: string): { name: string; baseline: NewBaseline } {
  const file = basename(path);
  const { size } = statSync(path);
  if (size > MOST_BYTES)
    throw malformed(file, `it has ${size} bytes, and a baseline has at most ${MOST_BYTES}`);
  const bytes = readFileSync(path);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw malformed(file, (error as Error).message);
  }
  const parsed = BaselineFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw malformed(file, `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  }
  const { profile, from, to, rows, days, notes, selfCheck, model, modelVersion, name: given } = parsed.data;
  const reference = parsed.data.reference as BehaviourReference | null;
  const why = reference === null ? null : misfit(reference);
  if (why !== null) throw malformed(file, why);
  const promised = reference === null ? null : promiseDays(days);
  return {
    name: given,
    baseline: {
      facts: {
        model,
        modelVersion,
        source: { kind: 'file', name: file, sha256: createHash('sha256').update(bytes).digest('hex') },
        fromMs: from === null ? null : Date.parse(from),
        toMs: to === null ? null : Date.parse(to),
        rows,
        days,
        exact: false,
        rankError: largestRankError(profile),
        promiseDays: promised,
        promise: promiseSentence(days, promised ?? 365),
        selfCheck,
        notes,
      },
      profile,
      reference,
    },
  };
}
