import type { Dataset } from '../../contract/evidence.ts';
import { NOT_THE_MODELS } from '../features/built-features.ts';

/** What the activations of a set are, in words, where Bezoar computed them itself; null for the model's, or without any. */
export const builtInOf = (dataset: Dataset): string | null =>
  dataset.matrices.find(({ role }) => role === 'activations')?.builtIn ?? null;

/** What a map says of what it was drawn from: nothing where that is the model's. */
export const drawnFrom = (dataset: Dataset): string =>
  builtInOf(dataset) === null ? '' : `of ${NOT_THE_MODELS}`;

/** What stands with every scan of such features. */
export const builtInNote = (what: string): string =>
  `This scan read ${what}. They say how the samples look, not what the model makes of them: a trigger that the model learned may ` +
  'not show in them, and what sets samples apart in them need not matter to the model. Only the trusted test can alarm on them; ' +
  'what flips and peeled groups promise holds for features that a model learned, so that they were left out.';
