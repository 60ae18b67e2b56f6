import { lnHypergeometricLower } from '../numeric/distributions.ts';
import type { TaskContext } from '../task.ts';

/** A value that is more common inside a group than outside. */
interface ValueExcess {
  readonly value: string;
  /** Rows with it. */
  readonly inside: number;
  readonly outside: number;
  /** ln P(so many inside or more), if the group were drawn at random (Fisher's exact test, one-sided); not corrected. */
  readonly lnP: number;
}

export interface ValueExcesses {
  /** By p, then by the count inside, then by the value. */
  readonly found: readonly ValueExcess[];
  /** Values that were tested: what p is to be multiplied with. */
  readonly tested: number;
}

const LEAST_INSIDE = 3;

/**
 * The values that set a group apart, of rows that carry any number of them each once.
 *
 * @param inside values of each row of the group
 * @param outside values of each row that it is held against
 */
export function valueExcesses(
  inside: readonly ReadonlySet<string>[],
  outside: readonly ReadonlySet<string>[],
  most: number,
  ctx: Pick<TaskContext, 'check'>,
): ValueExcesses {
  const here = countRows(inside, () => true, ctx);
  const there = countRows(outside, (value) => here.has(value), ctx);
  const total = inside.length + outside.length;
  const found: ValueExcess[] = [];
  let tested = 0;
  for (const [value, count] of here) {
    if (count < LEAST_INSIDE) continue;
    tested++;
    const elsewhere = there.get(value) ?? 0;
    if (count * outside.length <= elsewhere * inside.length) continue;
    const marked = count + elsewhere;
    // At least `count` of the group carry it: at most the rest of the group does not.
    const lnP = lnHypergeometricLower(inside.length - count, total, total - marked, inside.length);
    found.push({ value, inside: count, outside: elsewhere, lnP });
  }
  found.sort((a, b) => a.lnP - b.lnP || b.inside - a.inside || (a.value < b.value ? -1 : 1));
  return { found: found.slice(0, most), tested };
}

function countRows(
  rows: readonly ReadonlySet<string>[],
  counts: (value: string) => boolean,
  ctx: Pick<TaskContext, 'check'>,
): Map<string, number> {
  const found = new Map<string, number>();
  rows.forEach((values, i) => {
    if ((i & 255) === 0) ctx.check();
    for (const value of values) if (counts(value)) found.set(value, (found.get(value) ?? 0) + 1);
  });
  return found;
}

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu;
/** Longer texts are read this far. */
const MOST_CHARACTERS = 20_000;

/** The words of a text in lower case, and pairs of neighbours, each once. */
function wordsOf(text: string): Set<string> {
  const words = text.slice(0, MOST_CHARACTERS).toLowerCase().match(WORD) ?? [];
  const found = new Set<string>(words);
  for (let i = 1; i < words.length; i++) found.add(`${words[i - 1]} ${words[i]}`);
  return found;
}

/** The words, and pairs of neighbouring words, that set the texts of a group apart. */
export function wordExcesses(
  args: { inside: readonly string[]; outside: readonly string[]; most: number },
  ctx: TaskContext,
): ValueExcesses {
  const sets = (texts: readonly string[]) =>
    texts.map((text, i) => {
      if ((i & 63) === 0) ctx.check();
      return wordsOf(text);
    });
  return valueExcesses(sets(args.inside), sets(args.outside), args.most, ctx);
}
