import { z } from 'zod';

const dataset = z.number().int();
const scan = z.number().int();

/** Large arrays by name. Rows are in dataset order unless the array says otherwise. */
export const BulkRequest = z.discriminatedUnion('array', [
  /** Int32 class index, shape (n,). */
  z.object({ array: z.literal('label'), dataset }),
  /** Int32 class index, -1 unknown, shape (n,). */
  z.object({ array: z.literal('predicted'), dataset }),
  /** Float64, NaN where missing, shape (n,). Any number column, `confidence` included. */
  z.object({ array: z.literal('column'), dataset, name: z.string() }),
  /** Uint8: 0 none, 1 poison, 2 clean, 3 unsure, shape (n,). */
  z.object({ array: z.literal('verdict'), dataset }),
  /** Uint8, shape (n,). */
  z.object({ array: z.literal('seen'), dataset }),
  /** Uint8, Int32, Float64, Float64, Uint32 bit mask over the scan's detectors, shape (n,). */
  z.object({ array: z.enum(['flagged', 'rank', 'score', 'p-value', 'methods']), scan }),
  /** Float64, NaN not judged, shape (n,). */
  z.object({ array: z.literal('detector-score'), scan, detector: z.string() }),
  /** Int32, -1 none, shape (n,). */
  z.object({ array: z.literal('detector-cluster'), scan, detector: z.string() }),
  /** Int32 dataset rows that are on the map, shape (shown,). */
  z.object({ array: z.literal('map-rows'), map: z.number().int() }),
  /** Float32, shape (shown, 2). */
  z.object({ array: z.literal('map-coordinates'), map: z.number().int() }),
  /** Int32 dataset rows, shape (shown,), and Float32, shape (shown, 2), of a map that a job is drawing, as far as it is. */
  z.object({ array: z.enum(['moving-rows', 'moving-coordinates']), job: z.string() }),
  /** Int32, -1 noise, -2 not in the clustered sample, shape (shown,), in the order of the map's rows. */
  z.object({ array: z.literal('clusters'), clustering: z.number().int() }),
  /** Uint8, shape (rows, H, W) or (rows, H, W, 3), in the order asked; at most 512 rows a request. */
  z.object({ array: z.literal('images'), dataset, rows: z.array(z.number().int().min(0)).min(1).max(512) }),
]);
export type BulkRequest = z.infer<typeof BulkRequest>;

export const BulkHeader = z.object({
  dtype: z.enum(['uint8', 'int32', 'uint32', 'float32', 'float64']),
  shape: z.array(z.number().int()),
  /** Byte offset of this page in the whole array, and the whole array's bytes. */
  offset: z.number(),
  total: z.number(),
});
export type BulkHeader = z.infer<typeof BulkHeader>;

/** No message carries more than this many bytes of an array. */
export const BULK_PAGE_BYTES = 16 * 1024 * 1024;

export type BulkArray =
  | { readonly dtype: 'uint8'; readonly shape: readonly number[]; readonly data: Uint8Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'uint32'; readonly shape: readonly number[]; readonly data: Uint32Array }
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'float64'; readonly shape: readonly number[]; readonly data: Float64Array };
