import type { ClassSlice } from '../detectors/class-slice.ts';
import type { LossCurves, Matrix, ScanInput } from '../detectors/detector.ts';
import type { TrustedEvidence, TrustedView } from '../detectors/trusted-class-test.ts';
import { bestView, conformalP } from '../detectors/trusted-class-test.ts';
import type { Check } from '../numeric/moments.ts';
import { medianInPlace } from '../numeric/order-statistics.ts';
import { gatherRows } from '../numeric/rows.ts';
import { countSet, polish } from './fisher-projection.ts';
import { ownMixtureCut, sphericalMixtureCut, trustedMixtureCut } from './mixture-cuts.ts';
import { bestF1Cut, excessRows } from './tail-cuts.ts';

/** A cut smaller than this is none: the seed stands. */
const LEAST_CUT = 8;

/** How the list of rows was cut: by the valley between group and core, the mixture, the seed alone, the trusted tail, or the flips. */
export type CutMethod = 'valley' | 'em' | 'seed' | 'sph' | 'tail' | 'flip';

/** The class whose rows are cut, with what its trusted rows say. */
interface CutClass {
  readonly input: ScanInput;
  readonly slice: ClassSlice;
  readonly evidence: TrustedEvidence | null;
}

interface Cut {
  readonly flagged: Uint8Array;
  readonly method: CutMethod;
}

interface Suspects {
  readonly matrix: Matrix;
  /** Rows of the groups that gave themselves away. */
  readonly seed: Uint8Array;
  readonly flipped: Uint8Array;
  readonly trustedAlarm: boolean;
}

function union(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((flag, i) => flag | b[i]);
}

/** The rows that a class puts forward, once it has given itself away. */
export function cutRows(args: CutClass, suspects: Suspects, check: Check): Cut {
  const { matrix, seed, flipped, trustedAlarm } = suspects;
  const { evidence, input, slice } = args;
  const trustedActivations = input.trusted?.activations ?? null;
  const flips = countSet(flipped);
  if (countSet(seed) === 0 && !trustedAlarm) return { flagged: flipped, method: 'flip' };
  if (evidence === null || trustedActivations === null) {
    const mixture = ownMixtureCut(matrix, seed, check);
    if (mixture === null) return { flagged: union(seed, flipped), method: 'seed' };
    const { group, cut } = polish(matrix, mixture, check);
    return { flagged: union(group, flipped), method: cut };
  }
  const trusted = gatherRows([{ matrix: trustedActivations, rows: slice.trustedRows }]);
  const cut = cutBesideTrusted(args, evidence, suspects, trusted, check);
  const explained = cut.method === 'valley' && countSet(cut.flagged) >= 0.97 * flips;
  return explained ? cut : { flagged: union(cut.flagged, flipped), method: cut.method };
}

function cutBesideTrusted(
  { input, slice }: CutClass,
  evidence: TrustedEvidence,
  { matrix, seed, flipped, trustedAlarm }: Suspects,
  trusted: Matrix,
  check: Check,
): Cut {
  const start = seed.slice();
  const add = (flags: Uint8Array): void => {
    for (let i = 0; i < start.length; i++) start[i] |= flags[i];
  };
  for (const group of evidence.groups) if (group.lnP <= evidence.lnLevel) add(group.members);
  const alarming = trustedAlarm ? evidence.views.filter((view) => view.lnP <= evidence.lnLevel) : [];
  let tail: { flags: Uint8Array; f1: number } | null = null;
  let expected = 0;
  let byLabel: { rows: Float64Array; trusted: Float64Array } | null = null;
  if (alarming.length > 0) {
    const best = bestView(alarming);
    tail = bestF1Cut(best.rows, best.trusted);
    add(tail.flags);
    expected = medianInPlace(Float64Array.from(alarming, (view) => excessRows(view.rows, view.trusted)));
    byLabel = labelAndLoss(input, slice, alarming);
  }
  const mixture = trustedMixtureCut(matrix, trusted, start, check);
  const polished = mixture === null ? null : polish(matrix, mixture, check);
  let cut: Cut =
    polished === null || countSet(polished.group) < LEAST_CUT
      ? { flagged: start, method: 'seed' }
      : { flagged: polished.group, method: polished.cut };
  if (tail === null) return cut;

  // More is missing than the one cluster explains: wrong labels of many sources, poison of several, or a tail without a cluster.
  const found = countSet(cut.flagged);
  const byLabelExpected = byLabel === null ? 0 : excessRows(byLabel.rows, byLabel.trusted);
  if (found >= 0.8 * Math.max(expected, byLabelExpected)) return cut;
  if (byLabel !== null && found < 0.8 * byLabelExpected && disagreeing(input, slice, tail.flags) >= 0.8) {
    const scattered = bestF1Cut(byLabel.rows, byLabel.trusted);
    if (scattered.f1 >= 0.6) return { flagged: union(scattered.flags, flipped), method: 'tail' };
  }
  if (found >= 0.8 * expected) return cut;
  const spherical = sphericalMixtureCut(matrix, trusted, start, check);
  const size = spherical === null ? 0 : countSet(spherical);
  if (spherical !== null && size >= 0.8 * expected && size <= 1.35 * expected)
    cut = { flagged: spherical, method: 'sph' };
  else if (tail.f1 >= 0.65) cut = { flagged: tail.flags, method: 'tail' };
  return cut;
}

/** Share of the rows whose prediction is not their label, 0 for no rows. */
function disagreeing({ investigated }: ScanInput, { rows }: ClassSlice, flags: Uint8Array): number {
  const { predicted, label } = investigated;
  const chosen = rows.filter((_, i) => flags[i] === 1);
  const apart = chosen.filter((row) => predicted !== null && predicted[row] !== label[row]);
  return chosen.length === 0 ? 0 : apart.length / chosen.length;
}

/** Minus ln of the conformal p by label evidence, and by the last loss where both sets have it; null where labels do not alarm. */
function labelAndLoss(
  { investigated, trusted }: ScanInput,
  { rows, trustedRows }: ClassSlice,
  alarming: readonly TrustedView[],
): { rows: Float64Array; trusted: Float64Array } | null {
  const view = alarming.find(({ id }) => id === 'label');
  if (view === undefined) return null;
  const surprise = (values: Float64Array, reference: Float64Array) =>
    conformalP(values, reference).map((p) => -Math.log(p));
  const byLabel = {
    rows: surprise(view.rows, view.trusted),
    trusted: surprise(view.trusted, view.trusted),
  };
  const here = lastLoss(investigated.losses, rows);
  const there = lastLoss(trusted?.losses ?? null, trustedRows);
  if (here === null || there === null) return byLabel;
  if (here.name !== there.name) return byLabel;
  const lossHere = surprise(here.values, there.values);
  const lossThere = surprise(there.values, there.values);
  return {
    rows: byLabel.rows.map((value, i) => value + lossHere[i]),
    trusted: byLabel.trusted.map((value, i) => value + lossThere[i]),
  };
}

function lastLoss(
  losses: LossCurves | null,
  rows: Int32Array,
): { name: string; values: Float64Array } | null {
  if (losses === null) return null;
  const cols = losses.names.length;
  const values = Float64Array.from(rows, (row) => losses.data[row * cols + cols - 1]);
  return values.every(Number.isFinite) ? { name: losses.names[cols - 1], values } : null;
}
