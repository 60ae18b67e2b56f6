import { mixHash } from '../numeric/hash.ts';

/** More rows than this are sampled before a reference engine sees them. */
export const REFERENCE_LIMIT = 8000;

/** Fewer rows than this have no neighbourhoods for UMAP to draw. */
export const UMAP_MIN_ROWS = 10;

const PURPOSE = 0x5a4d;

/**
 * At most `limit` of the candidate rows, ascending; every suspect among them comes first. Who else is taken is decided
 * by a hash of the sample's key and the seed, so neither the order of the rows nor the other rows matter.
 *
 * @param candidates dataset rows
 * @param suspect shape (n,), 1 for a suspect; null when there are none
 * @param keyHash shape (n,)
 */
export function sampleRows(
  candidates: Int32Array,
  suspect: Uint8Array | null,
  keyHash: Uint32Array,
  limit: number,
  seed: number,
): Int32Array {
  if (candidates.length <= limit) return candidates.slice().sort();
  const draw = (row: number) => mixHash(mixHash(keyHash[row], PURPOSE), seed);
  const order = Array.from(candidates, (row) => ({
    row,
    rest: suspect?.[row] === 1 ? 0 : 1,
    draw: draw(row),
  }));
  order.sort((a, b) => a.rest - b.rest || a.draw - b.draw || a.row - b.row);
  return Int32Array.from(order.slice(0, limit), ({ row }) => row).sort();
}
