import { create } from 'zustand';
import { currentHost } from './host-context.ts';
import { sayFailure } from './toasts.ts';

interface ScanOrder {
  /** null: every detector that applies. */
  readonly detectors: readonly string[] | null;
  readonly useTrusted: boolean;
  readonly seed: number;
}

/** With what the next scan runs, whether it is started by the button or by S. */
export const useScanOrder = create<ScanOrder>()(() => ({ detectors: null, useTrusted: true, seed: 1 }));

/** Starts a scan as one job. */
export async function startScan(): Promise<void> {
  const { detectors, useTrusted, seed } = useScanOrder.getState();
  try {
    await currentHost().call('scan/start', {
      detectors: detectors === null ? null : [...detectors],
      useTrusted,
      seed,
    });
  } catch (error) {
    sayFailure(error);
  }
}
