import { useSyncExternalStore } from 'react';
import type { Scheme } from '../scatter/palette.ts';
import { useSettings } from './settings.ts';

/** What is on the screen after the system's choice was asked. */
export type Theme = 'dark' | 'light' | 'contrast';

const prefersLight = '(prefers-color-scheme: light)';
const prefersContrast = '(prefers-contrast: more)';

function systemTheme(): Theme {
  if (window.matchMedia(prefersContrast).matches) return 'contrast';
  return window.matchMedia(prefersLight).matches ? 'light' : 'dark';
}

function onSystemChange(listener: () => void): () => void {
  const queries = [window.matchMedia(prefersLight), window.matchMedia(prefersContrast)];
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    for (const query of queries) query.removeEventListener('change', listener);
  };
}

/** The theme in force. */
export function useTheme(): Theme {
  const chosen = useSettings((s) => s.theme);
  const system = useSyncExternalStore(onSystemChange, systemTheme);
  return chosen === 'system' ? system : chosen;
}

/** The ground that points and charts are drawn on; high contrast is dark. */
export function useScheme(): Scheme {
  return useTheme() === 'light' ? 'light' : 'dark';
}
