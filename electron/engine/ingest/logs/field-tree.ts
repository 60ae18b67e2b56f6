import type { LogMapping } from '../../../contract/logs.ts';

/** A key of the mapping at its place in the record. */
export interface FieldNode {
  /** Keys from the outermost to this one, with points between them. */
  readonly name: string;
  /** The key with its quotation marks, UTF-8, as it stands in the line. */
  readonly key: Uint8Array;
  /** The field whose value stands here; -1 where only deeper ones do. */
  readonly field: number;
  readonly children: Map<string, FieldNode>;
  /** The key that followed this one in the line before: the first guess in the next line. */
  after: FieldNode | null;
  /** The key that came first in this object in the line before. */
  first: FieldNode | null;
  /** Serial of the line in which the key was seen last: a second time in the same line, it is double. */
  seen: number;
}

export const newNode = (name: string, key: string, field: number): FieldNode => ({
  name,
  key: Buffer.from(JSON.stringify(key)),
  field,
  children: new Map(),
  after: null,
  first: null,
  seen: 0,
});

/** The fields of a mapping as a tree of keys. A field with others below it is an object and has no value of its own. */
export function fieldTree({ fields }: LogMapping): FieldNode {
  const root = newNode('', '', -1);
  for (const [field, { path }] of fields.entries()) {
    let node = root;
    for (const [depth, key] of path.entries()) {
      const name = node === root ? key : `${node.name}.${key}`;
      const wanted = depth === path.length - 1 ? field : -1;
      const found = node.children.get(key);
      const next = found ?? newNode(name, key, wanted);
      if (found !== undefined && wanted >= 0) {
        const own = { ...found, field: wanted };
        node.children.set(key, own);
        node = own;
        continue;
      }
      node.children.set(key, next);
      node = next;
    }
  }
  return root;
}
