import { z } from 'zod';

/** The engines that can run the kernels, best first. */
const KernelEngines = z.object({
  /** What the next run is done with. */
  current: z.string(),
  /** What the analyst asked for; null for the best. */
  forced: z.string().nullable(),
  engines: z.array(
    z.object({
      name: z.string(),
      /** Why it cannot be used on this machine; null where it can. */
      missing: z.string().nullable(),
    }),
  ),
});
export type KernelEngines = z.infer<typeof KernelEngines>;

export const ThemeName = z.enum(['system', 'dark', 'light', 'contrast']);
export type ThemeName = z.infer<typeof ThemeName>;

/** What the person at this machine chose for every case. */
const Settings = z.object({ theme: ThemeName, kernels: KernelEngines });
export type Settings = z.infer<typeof Settings>;

export const settingsCalls = {
  'settings/load': { params: z.object({}), result: Settings },
  'settings/set-theme': { params: z.object({ theme: ThemeName }), result: Settings },
  /** Forces the engine of the kernels for the runs to come; null takes the best. */
  'settings/use-kernels': { params: z.object({ name: z.string().nullable() }), result: Settings },
} as const;
