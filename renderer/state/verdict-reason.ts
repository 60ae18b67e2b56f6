import { create } from 'zustand';

interface VerdictReason {
  /** What the analyst wrote as the reason of the next verdict. */
  readonly reason: string;
  write(this: void, reason: string): void;
}

export const useVerdictReason = create<VerdictReason>()((set) => ({
  reason: '',
  write: (reason) => {
    set({ reason });
  },
}));

/** The reason for the verdict that is being given now; the next one starts without. */
export function takeReason(): string {
  const { reason, write } = useVerdictReason.getState();
  write('');
  return reason.trim();
}
