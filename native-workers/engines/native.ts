import { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import type { EngineName, Kernels } from './kernels.ts';

type Addon = Partial<Record<EngineName, Omit<Kernels, 'engine'>>> & {
  /** Bytes from a cache line's start to an array's first element. */
  readonly lineOffset: (array: ArrayBufferView) => number;
};

export interface NativeEngines {
  /** The tables of the instruction sets that this machine has. */
  readonly tables: ReadonlyMap<EngineName, Kernels>;
  /** Why there is none; null where there is one. */
  readonly missing: string | null;
  /** Where an array lies in memory, for the record of a call; null without the addon. */
  readonly lineOffset: ((array: ArrayBufferView) => number) | null;
}

/** Loads the addon: beside the built program, or from the source tree. */
export function loadNative(): NativeEngines {
  const requireFrom = createRequire(import.meta.url);
  const name = `addons/kernels-${platform}-${arch}.node`;
  let missing = 'It was not built: no C++ compiler was found at set-up.';
  for (const folder of ['../', '../../out/']) {
    try {
      const { lineOffset, ...found } = requireFrom(folder + name) as Addon;
      const tables = Object.entries(found).map(
        ([engine, table]) => [engine, { ...table, engine }] as [EngineName, Kernels],
      );
      return { tables: new Map(tables), missing: null, lineOffset };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND')
        missing = `It could not be loaded: ${(error as Error).message.split('\n')[0]}`;
    }
  }
  return { tables: new Map(), missing, lineOffset: null };
}
