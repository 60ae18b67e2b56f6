import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { BezoarError } from '../contract/errors.ts';

/**
 * Looks, before any work is done, whether results can be written to the folder; makes nothing.
 * @throws BezoarError usage
 */
export function checkOutFolder(folder: string): void {
  for (let at = folder; ; at = dirname(at)) {
    let found;
    try {
      found = statSync(at, { throwIfNoEntry: false });
    } catch (error) {
      throw unusable(folder, (error as Error).message);
    }
    if (found === undefined && dirname(at) !== at) continue;
    if (found?.isDirectory() !== true) throw unusable(folder, `${at} is not a folder`);
    try {
      accessSync(at, constants.W_OK);
    } catch {
      throw unusable(folder, `${at} may not be written to`);
    }
    return;
  }
}

/** @throws BezoarError usage */
export function makeOutFolder(folder: string): void {
  try {
    // One by one: Node's own recursion does not end where a file system lets nobody make a folder.
    const missing: string[] = [];
    for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const one of missing) mkdirSync(one);
  } catch (error) {
    throw unusable(folder, (error as Error).message);
  }
}

function unusable(folder: string, why: string): BezoarError {
  return new BezoarError(
    'usage',
    `Nothing can be written to ${folder} (--out): ${why}. Nothing was done. Name another folder.`,
  );
}
