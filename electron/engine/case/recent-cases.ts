import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { RecentCase } from '../../contract/case.ts';

const MOST = 20;

const Stored = z.array(z.object({ path: z.string(), name: z.string(), openedAtMs: z.number() }));
type Stored = z.infer<typeof Stored>;

const fileOf = (userData: string): string => join(userData, 'recent.json');
const idOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);

/** An unreadable list is an empty one: it is a convenience, and the cases themselves are untouched by it. */
function load(userData: string): Stored {
  try {
    return Stored.parse(JSON.parse(readFileSync(fileOf(userData), 'utf8')));
  } catch {
    return [];
  }
}

/** The cases opened last, newest first. */
export function recentCases(userData: string): RecentCase[] {
  return load(userData).map(({ path, name, openedAtMs }) => ({
    id: idOf(path),
    name,
    location: dirname(path),
    openedAtMs,
    present: existsSync(path),
  }));
}

/** Path of a recent case by its id. */
export function recentPath(userData: string, id: string): string | null {
  return load(userData).find(({ path }) => idOf(path) === id)?.path ?? null;
}

/**
 * Puts a case at the head of the list. Written aside and renamed, so that a crash leaves the list whole; where it cannot
 * be written the list stays as it is, and the case is open all the same.
 */
export function rememberCase(userData: string, path: string, name: string): void {
  const others = load(userData).filter((one) => one.path !== path);
  const list: Stored = [{ path, name, openedAtMs: Date.now() }, ...others].slice(0, MOST);
  const aside = `${fileOf(userData)}.${process.pid}`;
  try {
    mkdirSync(userData, { recursive: true });
    writeFileSync(aside, JSON.stringify(list, null, 1));
    renameSync(aside, fileOf(userData));
  } catch {
    return;
  }
}
