import { randomBytes } from 'node:crypto';
import { FileToken } from '../contract/case.ts';
import type { FileGrants } from './file-grants.ts';

/** Grants a file that the engine's own host named, not a window. */
export function grantFile(grants: FileGrants, path: string, mode: 'read' | 'write'): FileToken {
  const token = FileToken.parse(randomBytes(24).toString('base64url'));
  grants.grant(token, path, mode);
  return token;
}
