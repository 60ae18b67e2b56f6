/** Disjoint sets of 0 to n - 1 (Tarjan 1975): the root of a set is its lowest member. */
export class UnionFind {
  /** A member nearer the root, or the root itself, shape (n,). */
  readonly parents: Int32Array;

  constructor(n: number) {
    this.parents = new Int32Array(n);
    for (let i = 0; i < n; i++) this.parents[i] = i;
  }

  /** Lowest member of the set that holds `member`. */
  find(member: number): number {
    return rootOf(this.parents, member);
  }

  /** Joins two sets; false when they were one already. */
  union(a: number, b: number): boolean {
    return joinSets(this.parents, a, b);
  }
}

/** The root of a member's set; the path to it is halved on the way. */
export function rootOf(parents: Int32Array, member: number): number {
  let at = member;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]];
    at = parents[at];
  }
  return at;
}

/** Joins two sets under the lower root; false when they were one already. */
export function joinSets(parents: Int32Array, a: number, b: number): boolean {
  const rootA = rootOf(parents, a);
  const rootB = rootOf(parents, b);
  if (rootA === rootB) return false;
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
  return true;
}
