import { useMemo } from 'react';
import { categoricalPalette, classColours, OTHER_COLOUR, toHex } from '../scatter/palette.ts';
import { useInvestigated } from './queries.ts';
import { useScheme } from './theme.ts';

interface ClassColours {
  /** Class names by class index. */
  readonly names: readonly string[];
  /** Index into the categorical palette per class index; `OTHER_COLOUR` beyond the 20 largest. */
  readonly paletteIndex: Uint8Array;
  /** `#rrggbb` of a class index; the grey of 'other' for -1 and unknown ones. */
  hexOf(this: void, classIndex: number): string;
  /** The name of a class index; 'unknown' for -1. */
  nameOf(this: void, classIndex: number): string;
}

/** The classes of the investigated set with their stable colours. */
export function useClassColours(): ClassColours {
  const dataset = useInvestigated();
  const scheme = useScheme();
  return useMemo(() => {
    const names = dataset?.classes ?? [];
    const colours = classColours(new Map(names.map((name, k) => [name, dataset?.classCounts[k] ?? 0])));
    const paletteIndex = Uint8Array.from(names, (name) => colours.get(name) ?? OTHER_COLOUR);
    const palette = categoricalPalette(scheme);
    return {
      names,
      paletteIndex,
      hexOf: (classIndex) => toHex(palette[paletteIndex[classIndex] ?? OTHER_COLOUR]),
      nameOf: (classIndex) => names[classIndex] ?? 'unknown',
    };
  }, [dataset, scheme]);
}
