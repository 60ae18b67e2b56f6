import type { Settings } from '../../contract/settings.ts';
import type { Engine, Handlers } from '../engine.ts';
import { engineNamed, kernelEngines } from '../kernel-engines.ts';
import { changeSettings, readSettings } from '../settings.ts';

const settings = (engine: Engine): Settings => ({
  theme: readSettings(engine.userData).theme,
  kernels: kernelEngines(engine),
});

export const settingsHandlers = {
  'settings/load': (_params, engine) => settings(engine),
  'settings/set-theme': async ({ theme }, engine) => {
    await changeSettings(engine.userData, { theme });
    return settings(engine);
  },
  'settings/use-kernels': async ({ name }, engine) => {
    engine.pool.useEngine(name === null ? null : engineNamed(name));
    await changeSettings(engine.userData, { kernels: name });
    return settings(engine);
  },
} satisfies Partial<Handlers>;
