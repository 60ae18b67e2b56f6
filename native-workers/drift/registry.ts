import type { Monitor } from './define-monitor.ts';

/** Every monitor, one line each. */
export const monitors: readonly Monitor[] = [];

/**
 * Monitors by id.
 *
 * @throws Error when two share an id
 */
export function indexById(list: readonly Monitor[]): ReadonlyMap<string, Monitor> {
  const byId = new Map<string, Monitor>();
  for (const monitor of list) {
    if (byId.has(monitor.id)) throw new Error(`Two monitors are called ${monitor.id}.`);
    byId.set(monitor.id, monitor);
  }
  return byId;
}

const byId = indexById(monitors);

/** @throws Error for an unknown id */
export function monitorById(id: string): Monitor {
  const monitor = byId.get(id);
  if (monitor === undefined)
    throw new Error(`There is no monitor called ${id}. Known: ${[...byId.keys()].join(', ')}.`);
  return monitor;
}
