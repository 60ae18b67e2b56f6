import { describe, expect, it } from 'vitest';
import { countMarks, ratesOf, targetAuroc } from './judge.mjs';

describe('marks against the truth', () => {
  it('are counted and rated', () => {
    const counts = countMarks([1, 1, 0, 0, 1], [1, 0, 1, 0, 1]);
    expect(counts).toEqual({ flagged: 3, tp: 2, fp: 1, fn: 1, tn: 1 });
    expect(ratesOf(counts)).toEqual({ tpr: 2 / 3, fpr: 1 / 2, f1: 2 / 3 });
  });

  it('have no true positive rate and no F1 where nothing is poisoned', () => {
    expect(ratesOf(countMarks([1, 0, 0, 0], [0, 0, 0, 0]))).toEqual({ tpr: null, fpr: 0.25, f1: null });
  });
});

describe('the area under the curve in the target classes', () => {
  const area = (score: number[], label: number[], poisoned: number[]) =>
    targetAuroc(Float64Array.from(score), label, poisoned);

  it('counts the pairs of a poisoned and a clean row that stand right, ties half', () => {
    expect(area([1, 2, 3, 4], [0, 0, 0, 0], [0, 0, 1, 1])).toBe(1);
    expect(area([1, 2, 2, 0], [0, 0, 0, 0], [0, 0, 1, 1])).toBe(1.5 / 4);
  });

  it('looks inside the labels that hold poison alone, each alike', () => {
    const label = [0, 0, 1, 1, 1, 2, 2];
    const score = [9, 1, 5, 6, 7, 100, -100];
    expect(area(score, label, [0, 1, 0, 0, 1, 0, 0])).toBe(1 / 2);
  });

  it('puts rows that were not judged below all others, and is nothing where none was', () => {
    expect(area([NaN, 1, 2], [0, 0, 0], [1, 0, 0])).toBe(0);
    expect(area([NaN, NaN, 2], [0, 0, 0], [1, 0, 0])).toBe(0.25);
    expect(area([NaN, NaN], [0, 0], [1, 0])).toBeNull();
    expect(area([1, 2], [0, 0], [0, 0])).toBeNull();
  });
});
