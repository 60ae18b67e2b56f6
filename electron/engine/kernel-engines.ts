import { availableEngines, whyMissing } from '../../native-workers/engine.ts';
import { ENGINE_NAMES, type EngineName } from '../../native-workers/engines/kernels.ts';
import type { KernelEngines } from '../contract/settings.ts';
import { BezoarError } from '../contract/errors.ts';
import type { Engine } from './engine.ts';
import { readSettings } from './settings.ts';

/** What can run the kernels here, and what does. */
export function kernelEngines(engine: Engine): KernelEngines {
  return {
    current: engine.pool.engine(),
    forced: readSettings(engine.userData).kernels,
    engines: ENGINE_NAMES.map((name) => ({ name, missing: whyMissing(name) })),
  };
}

/** The engine of this name. @throws BezoarError usage when it is not here */
export function engineNamed(name: string): EngineName {
  const known = ENGINE_NAMES.find((one) => one === name);
  const reason = known === undefined ? 'There is no engine of this name.' : whyMissing(known);
  if (known !== undefined && reason === null) return known;
  throw new BezoarError(
    'usage',
    `The kernels cannot run with “${name}”. ${reason ?? ''} Here there are: ${availableEngines().join(', ')}.`,
  );
}

/** The engine that the settings ask for; null for the best, also where the one asked for is not here any more. */
export function storedEngine(userData: string): EngineName | null {
  const { kernels } = readSettings(userData);
  return availableEngines().find((name) => name === kernels) ?? null;
}
