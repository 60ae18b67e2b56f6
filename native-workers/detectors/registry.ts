import { activationClustering } from './activation-clustering.ts';
import { beatrix } from './beatrix.ts';
import type { Detector } from './define-detector.ts';
import { gradientNorm } from './gradient-norm.ts';
import { inputStatistics } from './input-statistics.ts';
import { knnDisagreement } from './knn-disagreement.ts';
import { knnOutlier } from './knn-outlier.ts';
import { labelErrors } from './label-errors.ts';
import { lof } from './lof.ts';
import { lossCurves } from './loss-curves.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { neurons } from './neurons.ts';
import { quantumEntropyScores } from './quantum-entropy.ts';
import { robustCovariance } from './robust-covariance.ts';
import { scanIdentities } from './scan-identities.ts';
import { selfReference } from './self-reference.ts';
import { spectralSignatures } from './spectral-signatures.ts';
import { trim } from './trim.ts';
import { trustedMahalanobis } from './trusted-mahalanobis.ts';
import { weightedEnsemble } from './weighted-ensemble.ts';

/** Every detector, one line each. */
export const detectors: readonly Detector[] = [
  activationClustering,
  spectralSignatures,
  trustedMahalanobis,
  knnDisagreement,
  knnOutlier,
  lof,
  nearDuplicates,
  inputStatistics,
  weightedEnsemble,
  robustCovariance,
  quantumEntropyScores,
  scanIdentities,
  beatrix,
  selfReference,
  lossCurves,
  trim,
  gradientNorm,
  labelErrors,
  neurons,
];

/** The detectors of a scan that names none. */
export const usualDetectors: readonly Detector[] = detectors.filter(
  ({ onlyOnRequest }) => onlyOnRequest === undefined,
);

/**
 * Detectors by id.
 *
 * @throws Error when two share an id
 */
export function indexById(list: readonly Detector[]): ReadonlyMap<string, Detector> {
  const byId = new Map<string, Detector>();
  for (const detector of list) {
    if (byId.has(detector.id)) throw new Error(`Two detectors are called ${detector.id}.`);
    byId.set(detector.id, detector);
  }
  return byId;
}

const byId = indexById(detectors);

/** @throws Error for an unknown id */
export function detectorById(id: string): Detector {
  const detector = byId.get(id);
  if (detector === undefined)
    throw new Error(`There is no detector called ${id}. Known: ${[...byId.keys()].join(', ')}.`);
  return detector;
}
