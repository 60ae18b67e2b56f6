import { z } from 'zod';

/** A value that is more common inside a group than outside; `lnP` is not corrected. */
const Excess = z.object({
  value: z.string(),
  inside: z.number().int(),
  outside: z.number().int(),
  lnP: z.number(),
});

const picture = z.array(z.number());

/** What sets a group of samples apart from the others of its classes. */
export const Traits = z.object({
  /** Rows of the group, and rows of the same labels outside it. */
  inside: z.number().int(),
  outside: z.number().int(),
  /** Names of those labels. */
  labels: z.array(z.string()),
  /** The clearest traits in one or two sentences. */
  sentence: z.string(),
  /** Words and pairs of words, by text column; null without texts. `tested` is what p is multiplied with. */
  words: z.object({ column: z.string(), tested: z.number().int(), found: z.array(Excess) }).nullable(),
  /** Null without images. */
  image: z
    .object({
      height: z.number().int(),
      width: z.number().int(),
      /** Mean grey levels 0 to 255, row-major, and their difference. */
      inside: picture,
      outside: picture,
      difference: picture,
      /** Parts that are the same all over the group and something else outside. */
      patches: z.array(
        z.object({
          top: z.number().int(),
          left: z.number().int(),
          height: z.number().int(),
          width: z.number().int(),
          pixels: z.number().int(),
          insideLevel: z.number(),
          outsideLevel: z.number(),
        }),
      ),
      /** Images that were read: at most so many of either side. */
      read: z.object({ inside: z.number().int(), outside: z.number().int() }),
    })
    .nullable(),
  /** Values of record columns, and predictions, that are more common in the group. */
  values: z.array(Excess.extend({ column: z.string(), tested: z.number().int() })),
  /** Columns of numbers; `area` is the chance that a number of the group is above one outside. */
  numbers: z.array(
    z.object({
      column: z.string(),
      insideMedian: z.number(),
      outsideMedian: z.number(),
      area: z.number(),
      lnP: z.number(),
    }),
  ),
  /** Units of the activations; `effect` in standard deviations outside, null where the unit does not vary there. */
  units: z.array(
    z.object({
      unit: z.number().int(),
      insideMean: z.number(),
      outsideMean: z.number(),
      effect: z.number().nullable(),
      beyond: z.number(),
    }),
  ),
});
export type Traits = z.infer<typeof Traits>;

/** A group of samples of the investigated set. */
export const Group = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rows'), rows: z.array(z.number().int().min(0)).min(1).max(1_000_000) }),
  /** What a scan puts forward in one class. */
  z.object({ kind: z.literal('finding'), scan: z.number().int(), classIndex: z.number().int() }),
]);
export type Group = z.infer<typeof Group>;

export const traitsCalls = {
  'traits/of': { params: z.object({ group: Group }), result: Traits },
} as const;
