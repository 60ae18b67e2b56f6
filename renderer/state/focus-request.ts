import { useEffect, useEffectEvent } from 'react';
import { create } from 'zustand';

/** Fields that a key can jump to; the view that shows the field answers. */
type FocusTarget = 'filter' | 'search' | 'note';

interface FocusRequestState {
  readonly target: FocusTarget | null;
  /** Rises with each request, so that the same key works twice. */
  readonly count: number;
  request(this: void, target: FocusTarget): void;
  taken(this: void): void;
}

export const useFocusRequests = create<FocusRequestState>()((set) => ({
  target: null,
  count: 0,
  request: (target) => {
    set((s) => ({ target, count: s.count + 1 }));
  },
  taken: () => {
    set({ target: null });
  },
}));

/** Runs `focus` when a key asks for this field, also when the request came before the view was there. */
export function useFocusRequest(target: FocusTarget, focus: () => void): void {
  const wanted = useFocusRequests((s) => (s.target === target ? s.count : 0));
  const answer = useEffectEvent(() => {
    focus();
    useFocusRequests.getState().taken();
  });
  useEffect(() => {
    if (wanted > 0) answer();
  }, [wanted]);
}
