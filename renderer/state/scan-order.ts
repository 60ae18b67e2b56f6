import { create } from 'zustand';
import type { DetectorParameters } from '../../electron/contract/scan.ts';
import { currentHost } from './host-context.ts';
import { sayFailure } from './toasts.ts';

interface ScanOrder {
  /** null: the usual detectors, as far as they apply. */
  readonly detectors: readonly string[] | null;
  readonly useTrusted: boolean;
  readonly seed: number;
  /** Family-wise error rate of the alarms over the whole scan. */
  readonly alpha: number;
  /** Parameters of detectors that are not to be the defaults. */
  readonly params: DetectorParameters;
}

/** With what the next scan runs, whether it is started by the button or by S. */
export const useScanOrder = create<ScanOrder>()(() => ({
  detectors: null,
  useTrusted: true,
  seed: 1,
  alpha: 0.01,
  params: {},
}));

/** Starts a scan as one job. */
export async function startScan(): Promise<void> {
  const { detectors, useTrusted, seed, alpha, params } = useScanOrder.getState();
  try {
    await currentHost().call('scan/start', {
      detectors: detectors === null ? null : [...detectors],
      useTrusted,
      seed,
      alpha,
      params,
    });
  } catch (error) {
    sayFailure(error);
  }
}
