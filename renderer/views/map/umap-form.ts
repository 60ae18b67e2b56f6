import type { UmapChoice } from '../../../electron/contract/maps.ts';

/** What is typed for a UMAP. */
export interface UmapForm {
  readonly neighbours: string;
  readonly minDist: string;
  readonly byLabel: boolean;
}

export const usualForm: UmapForm = { neighbours: '15', minDist: '0.1', byLabel: false };

export function areNeighboursRight({ neighbours }: UmapForm): boolean {
  const value = Number(neighbours);
  return neighbours.trim() !== '' && Number.isInteger(value) && value >= 2 && value <= 200;
}

export function isDistanceRight({ minDist }: UmapForm): boolean {
  const value = Number(minDist);
  return minDist.trim() !== '' && value >= 0 && value <= 0.99;
}

export function isRight(form: UmapForm): boolean {
  return areNeighboursRight(form) && isDistanceRight(form);
}

/** The usual values where what is typed is not right: the reference engine asks for none. */
export function choiceOf(form: UmapForm): Omit<UmapChoice, 'reference'> {
  const { neighbours, minDist, byLabel } = isRight(form) ? form : usualForm;
  return { neighbours: Number(neighbours), minDist: Number(minDist), byLabel };
}
