import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LogMapping, type LogFormat } from '../../../contract/logs.ts';

const FILE = 'log-mappings.json';
/** So many shapes are remembered; the oldest is forgotten. */
const MOST_SHAPES = 200;

const Stored = z.object({ mappings: z.array(z.object({ shape: z.string(), mapping: LogMapping })) });

/** Mappings that were used, by the shape of the log that they were used for. */
export interface RememberedMappings {
  find(shape: string): LogMapping | null;
  remember(shape: string, mapping: LogMapping): void;
}

/** What a log is known by again: its format and the places of its fields, in whichever order. */
export function logShape(format: LogFormat, fields: readonly { readonly path: readonly string[] }[]): string {
  const places = fields.map(({ path }) => JSON.stringify(path)).sort();
  return createHash('sha256')
    .update(JSON.stringify([format, places]))
    .digest('hex');
}

/** Remembers beside the settings; a file that is damaged or cannot be written only means that nothing is remembered. */
export function openMappingMemory(userData: string): RememberedMappings {
  const path = join(userData, FILE);
  const read = (): z.infer<typeof Stored>['mappings'] => {
    try {
      return Stored.parse(JSON.parse(readFileSync(path, 'utf8'))).mappings;
    } catch {
      return [];
    }
  };
  return {
    find: (shape) => read().find((one) => one.shape === shape)?.mapping ?? null,
    remember: (shape, mapping) => {
      const others = read().filter((one) => one.shape !== shape);
      try {
        mkdirSync(userData, { recursive: true });
        const mappings = [{ shape, mapping }, ...others].slice(0, MOST_SHAPES);
        writeFileSync(`${path}.new`, JSON.stringify({ mappings }));
        renameSync(`${path}.new`, path);
      } catch {
        return;
      }
    },
  };
}
