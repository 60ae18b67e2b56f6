import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const BLOCK = 1024 * 1024;

/** Of a whole file, read in blocks. @throws what reading it fails with */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: BLOCK }) as AsyncIterable<Buffer>)
    hash.update(part);
  return hash.digest('hex');
}
