import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * SHA-256 in hex over the sources of the WebAssembly module.
 * @param {string} root
 */
export function wasmSourceHash(root) {
  const addons = join(root, 'native-workers', 'addons');
  const native = readdirSync(join(addons, 'native')).filter((file) => /\.h$/.test(file));
  const files = [...native.map((file) => join('native', file)), join('wasm', 'exports.cc')].sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(addons, file)));
  return hash.digest('hex');
}
