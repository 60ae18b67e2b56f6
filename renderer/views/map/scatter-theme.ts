import { useMemo, useSyncExternalStore } from 'react';
import { packCss } from '../../scatter/palette.ts';
import type { PackedColour } from '../../scatter/palette.ts';
import type { ScatterTheme } from '../../scatter/point-renderer.ts';

/** The map's own colours and those of the verdicts: none, poison, clean, unsure. */
export interface MapTheme {
  readonly name: string;
  readonly scatter: ScatterTheme;
  readonly verdicts: readonly [PackedColour, PackedColour, PackedColour, PackedColour];
}

function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    observer.disconnect();
  };
}

const themeOnPage = (): string => document.documentElement.dataset.theme ?? '';

/** The tokens as they stand on the page: read after the page has changed its theme, not when the change was asked. */
export function useMapTheme(): MapTheme {
  const theme = useSyncExternalStore(onThemeChange, themeOnPage);
  return useMemo(() => readTheme(theme), [theme]);
}

function readTheme(name: string): MapTheme {
  const style = getComputedStyle(document.documentElement);
  const token = (of: string): PackedColour => packCss(style.getPropertyValue(of));
  return {
    name,
    scatter: {
      background: token('--bz-ground'),
      flagged: token('--bz-alarm'),
      selected: token('--bz-selection'),
      ink: token('--bz-ink'),
    },
    verdicts: [token('--bz-ink-3'), token('--bz-alarm'), token('--bz-clean'), token('--bz-caution')],
  };
}
