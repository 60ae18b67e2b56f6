import type { Params } from '../../../electron/contract/calls.ts';
import type { Comparison } from '../../../electron/contract/comparison.ts';
import type { Verdict } from '../../../electron/contract/samples.ts';

export type Side = 'ours' | 'theirs';

/** What of a comparison the analyst wants to take over. */
export interface Choice {
  /** Kinds of fresh verdicts. */
  readonly kinds: ReadonlySet<Verdict>;
  /** Fresh samples that are left out, each with its verdict there. */
  readonly leftOut: ReadonlyMap<number, Verdict>;
  /** Conflicts by row. */
  readonly conflicts: ReadonlyMap<number, Side>;
  /** Of conflicts without a decision of their own. */
  readonly otherwise: Side | null;
}

/** All that contradicts nothing, and no conflict decided. */
export const usualChoice: Choice = {
  kinds: new Set(['poison', 'clean', 'unsure']),
  leftOut: new Map(),
  conflicts: new Map(),
  otherwise: null,
};

/** How many conflicts still wait for a decision. */
export function undecidedConflicts({ verdicts }: Comparison, { conflicts, otherwise }: Choice): number {
  return otherwise === null ? verdicts.conflicts - conflicts.size : 0;
}

/** How many verdicts would be taken over. */
export function chosenVerdicts({ verdicts }: Comparison, choice: Choice): number {
  let count = 0;
  for (const kind of choice.kinds) count += verdicts.fresh[kind];
  for (const kind of choice.leftOut.values()) if (choice.kinds.has(kind)) count -= 1;
  const sides = [...choice.conflicts.values()];
  count += sides.filter((side) => side === 'theirs').length;
  if (choice.otherwise === 'theirs') count += verdicts.conflicts - sides.length;
  return count;
}

/** The choice as the engine takes it. */
export function orderOf(comparison: number, choice: Choice): Params<'comparison/take-over'> {
  const rowsOf = (side: Side) => [...choice.conflicts].flatMap(([row, own]) => (own === side ? [row] : []));
  return {
    comparison,
    kinds: [...choice.kinds],
    leftOut: [...choice.leftOut.keys()],
    conflicts: { theirs: rowsOf('theirs'), ours: rowsOf('ours'), otherwise: choice.otherwise },
  };
}
