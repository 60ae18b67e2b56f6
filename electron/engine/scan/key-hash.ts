/**
 * FNV-1a, 32 bits, over the key's UTF-8 bytes (Fowler, Noll, Vo). Folds, splits and samples are drawn from it, so a row's
 * part in them hangs on its key alone. Shape (n,).
 */
export function keyHashes(keys: readonly string[]): Uint32Array {
  const out = new Uint32Array(new SharedArrayBuffer(4 * keys.length));
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(256);
  keys.forEach((key, row) => {
    if (3 * key.length > bytes.length) bytes = new Uint8Array(6 * key.length);
    const { written } = encoder.encodeInto(key, bytes);
    let hash = 0x811c9dc5;
    for (let i = 0; i < written; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    out[row] = hash >>> 0;
  });
  return out;
}
