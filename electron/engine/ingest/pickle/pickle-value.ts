/**
 * What a pickle holds, as it stands there: nothing of it is run. A call is kept as the function's name and its
 * arguments.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

export type PickleNode = Bytes | Sequence | Dictionary | Global | Call | Persistent | Extension;

/** Bytes stay where they are in the file. */
interface Bytes {
  readonly kind: 'bytes';
  readonly start: number;
  readonly length: number;
}

export interface Sequence {
  readonly kind: 'tuple' | 'list' | 'set';
  readonly items: PickleValue[];
}

interface Dictionary {
  readonly kind: 'dict';
  readonly pairs: [PickleValue, PickleValue][];
}

/** A name that the loader would import. */
export interface Global {
  readonly kind: 'global';
  /** `module.name`, or what of it is not computed. */
  readonly path: string;
  readonly offset: number;
}

/** What the loader would call, with what it would do to the result. */
export interface Call {
  readonly kind: 'call';
  readonly callee: PickleValue;
  readonly args: PickleValue;
  readonly offset: number;
  /** What BUILD would give it. */
  state: PickleValue | undefined;
  readonly items: PickleValue[];
  readonly pairs: [PickleValue, PickleValue][];
}

/** Something that lies beside the pickle, such as the storage of a tensor. */
interface Persistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

/** A name of the loader's own registry, which the file gives by number. */
interface Extension {
  readonly kind: 'extension';
  readonly code: number;
  readonly offset: number;
}

export const isNode = (value: PickleValue | undefined): value is PickleNode =>
  typeof value === 'object' && value !== null;

/** The name that a value imports, or null. */
export const globalPath = (value: PickleValue | undefined): string | null =>
  isNode(value) && value.kind === 'global' ? value.path : null;

/** Items of a tuple or list, or null. */
export const itemsOf = (value: PickleValue | undefined): readonly PickleValue[] | null =>
  isNode(value) && (value.kind === 'tuple' || value.kind === 'list') ? value.items : null;

/** Whole numbers of a tuple or list, none below 0, or null. */
export function wholeNumbers(value: PickleValue | undefined): number[] | null {
  const items = itemsOf(value);
  if (items === null) return null;
  return items.every((item): item is number => Number.isSafeInteger(item) && (item as number) >= 0)
    ? [...items]
    : null;
}
