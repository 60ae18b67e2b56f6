import type { EntryProposal, EntryRole } from '../../contract/evidence.ts';
import { matrixDtype, isMatrix, possibleRoles, wantedOf } from './entry-roles.ts';
import type { ArrayEntry } from './reader.ts';
import { isFloat } from './stored-values.ts';

const word = (words: string): RegExp => new RegExp(`(^|[^a-z])(${words})([^a-z]|$)`, 'i');

/** In the order in which they are asked. */
const names: readonly { readonly role: EntryRole; readonly pattern: RegExp }[] = [
  { role: 'gradient-norms', pattern: /grad(ient)?s?_?norms?/i },
  { role: 'losses', pattern: word('loss|losses') },
  { role: 'logits', pattern: word('logits?|probs?|probabilities|softmax') },
  { role: 'confidence', pattern: word('conf|confidences?|certainty') },
  { role: 'predicted', pattern: word('preds?|predicted|predictions?|y_?hat') },
  { role: 'labels', pattern: word('labels?|targets?|ys?|classes') },
  { role: 'images', pattern: word('images?|pixels?') },
  {
    role: 'activations',
    pattern: word('penultimate|activations?|embeddings?|features?|hidden|representations?|latents?'),
  },
];

/** Parameters of a model, not values of samples. */
const WEIGHTS = /(^|[._/])(weight|bias|running_mean|running_var|num_batches_tracked|kernel:0|bias:0)$/;
const LOOKS_LIKE_WEIGHTS = 'by its name it is a part of a model, not values of samples';

const roleByName = (name: string): EntryRole | null =>
  names.find(({ pattern }) => pattern.test(name))?.role ?? null;

/**
 * What the arrays of a file are taken for. By name where the shape allows it; else uint8 images are images and floats
 * [N, d] activations. Of several that could be activations the one named so is taken (penultimate, activations,
 * embeddings, features, ...), among those the widest, then the first; every other role is given once, but losses.
 */
export function proposeEntries(file: string, entries: readonly ArrayEntry[]): EntryProposal[] {
  const looked = entries.map((entry) => {
    const { name, dtype, stored, shape, columns = [], problem } = entry;
    const roles = dtype === null || problem !== null ? [] : possibleRoles(dtype, shape);
    const told = roleByName(name ?? file) ?? (entries.length === 1 ? roleByName(file) : null);
    const named = told !== null && roles.includes(told);
    const weights = name !== null && WEIGHTS.test(name);
    let role: EntryRole | null = null;
    if (named) role = told;
    else if (!weights && roles.includes('images')) role = 'images';
    else if (
      !weights &&
      dtype !== null &&
      isFloat(dtype) &&
      roles.includes('activations') &&
      (shape[1] ?? 0) > 1
    )
      role = 'activations';
    return { name, dtype, stored, shape, columns, problem, roles, role, named, weights };
  });
  const best = new Map<EntryRole, (typeof looked)[number]>();
  for (const one of looked) {
    if (one.role === null) continue;
    const before = best.get(one.role);
    const better =
      before === undefined ||
      (one.named && !before.named) ||
      (one.named === before.named &&
        one.role === 'activations' &&
        (one.shape[1] ?? 0) > (before.shape[1] ?? 0));
    if (better) best.set(one.role, one);
  }
  const rows = (best.get('activations') ?? best.get('images') ?? best.values().next().value)?.shape[0];
  return looked.map((one) => {
    const { name, dtype, stored, shape, roles } = one;
    const chosen =
      one.role !== null && (one.role === 'losses' || best.get(one.role) === one) && shape[0] === rows;
    const role = chosen ? one.role : null;
    return {
      name,
      stored,
      dtype: dtype === null || role === null || !isMatrix(role) ? null : matrixDtype(dtype, role),
      shape: [...shape],
      roles,
      role,
      columns: [...one.columns],
      examples: [],
      problem:
        one.problem ?? (roles.length === 0 ? unfit(name ?? file, stored, shape) : noteOf(one.weights, name)),
    };
  });
}

const noteOf = (weights: boolean, name: string | null): string | null =>
  weights ? `${name ?? ''}: ${LOOKS_LIKE_WEIGHTS}.` : null;

const unfit = (name: string, stored: string, shape: readonly number[]): string =>
  `${name} is ${stored} of shape (${shape.join(', ')}). Nothing was imported. ${wantedOf.activations} ${wantedOf.images}`;
