import { activationClustering } from './activation-clustering.ts';
import type { Detector } from './define-detector.ts';
import { spectralSignatures } from './spectral-signatures.ts';
import { trustedMahalanobis } from './trusted-mahalanobis.ts';

/** Every detector, one line each. */
export const detectors: readonly Detector[] = [activationClustering, spectralSignatures, trustedMahalanobis];

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
