import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LogMapping, type LogFormat } from '../../../contract/logs.ts';
import { openRememberedFile } from '../remembered-file.ts';

const FILE = 'log-mappings.json';

const Stored = z.object({ shape: z.string(), mapping: LogMapping });

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

export function openMappingMemory(userData: string): RememberedMappings {
  const file = openRememberedFile(userData, FILE, Stored);
  return {
    find: (shape) => file.read().find((one) => one.shape === shape)?.mapping ?? null,
    remember: (shape, mapping) => {
      file.remember([{ shape, mapping }], (one) => one.shape === shape);
    },
  };
}
