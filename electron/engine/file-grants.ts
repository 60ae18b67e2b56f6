import type { FileToken } from '../contract/case.ts';
import { BezoarError } from '../contract/errors.ts';

/** The files that the host let the engine touch, by token. Only the host adds to it. */
export interface FileGrants {
  grant(token: string, path: string, mode: 'read' | 'write'): void;
  /** @throws BezoarError file/not-granted */
  path(token: FileToken, mode: 'read' | 'write'): string;
}

export function createFileGrants(): FileGrants {
  const granted = new Map<string, { path: string; mode: 'read' | 'write' }>();
  return {
    grant: (token, path, mode) => {
      granted.set(token, { path, mode });
    },
    path: (token, mode) => {
      const entry = granted.get(token);
      if (entry?.mode !== mode)
        throw new BezoarError(
          'file/not-granted',
          'Bezoar was not given this file. Nothing was read or written. Drop it again or choose it in the dialog.',
        );
      return entry.path;
    },
  };
}
