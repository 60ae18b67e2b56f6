import type { View } from '../../scatter/camera.ts';
import { useViewState } from '../../state/view-state.ts';

const KEPT_CAMERAS = 24;

/** Remembers where a map was left. */
export function keepCamera(map: number, view: View): void {
  const { cameras, set } = useViewState.getState();
  const others = Object.entries(cameras).filter(([id]) => id !== String(map));
  set({ cameras: Object.fromEntries([...others.slice(1 - KEPT_CAMERAS), [String(map), view]]) });
}

/** The map is fitted again, and stays so. */
export function forgetCamera(map: number): void {
  const { cameras, set } = useViewState.getState();
  set({ cameras: Object.fromEntries(Object.entries(cameras).filter(([id]) => id !== String(map))) });
}
