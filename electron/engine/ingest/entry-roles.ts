import type { ArrayRole, Dtype, EntryRole, StoredDtype } from '../../contract/evidence.ts';
import { floatDtype, isFloat } from './stored-values.ts';

/** Losses of more epochs than this are no losses. */
const MOST_LOSS_COLUMNS = 1000;

export const isMatrix = (role: EntryRole): role is ArrayRole =>
  role === 'activations' || role === 'logits' || role === 'images';

const isColumn = (rest: readonly number[]): boolean =>
  rest.length === 0 || (rest.length === 1 && rest[0] === 1);

/** The shape in which images stand in the case: [N, H, W] or [N, H, W, 3]; null for what is not one. */
export function imageShape(shape: readonly number[]): readonly number[] | null {
  if (shape.length === 3) return shape;
  if (shape.length !== 4) return null;
  if (shape[3] === 3) return shape;
  // A single channel is none.
  return shape[3] === 1 ? shape.slice(0, 3) : null;
}

/** What an array can be, by its dtype and shape alone. */
export function possibleRoles(dtype: StoredDtype, shape: readonly number[]): EntryRole[] {
  const rest = shape.slice(1);
  const roles: EntryRole[] = [];
  if (dtype === 'uint8' && imageShape(shape) !== null) roles.push('images');
  if (rest.length === 1) roles.push('activations', 'logits');
  if (isColumn(rest)) roles.push('labels', 'predicted', 'confidence', 'losses', 'gradient-norms');
  else if (rest.length === 1 && isFloat(dtype) && (rest[0] ?? 0) <= MOST_LOSS_COLUMNS) roles.push('losses');
  return roles;
}

/** The dtype that a matrix of that role has in the case. */
export const matrixDtype = (stored: StoredDtype, role: ArrayRole): Dtype =>
  role === 'images' ? 'uint8' : floatDtype(stored);

/** What is wanted of each role, for refusals. */
export const wantedOf: Readonly<Record<EntryRole, string>> = {
  activations: 'Activations are numbers of shape [rows, width].',
  logits: 'Logits are numbers of shape [rows, classes].',
  images: 'Images are uint8 [rows, height, width] or [rows, height, width, 3].',
  labels: 'Labels are whole numbers of shape [rows].',
  predicted: 'Predicted labels are whole numbers of shape [rows].',
  confidence: 'Confidences are numbers of shape [rows].',
  losses: `Losses are numbers of shape [rows] or [rows, epochs], of at most ${MOST_LOSS_COLUMNS} epochs.`,
  'gradient-norms': 'Gradient norms are numbers of shape [rows].',
};
