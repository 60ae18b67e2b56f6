import { describe, expect, it } from 'vitest';
import { detectorById, detectors } from '../../../native-workers/detectors/registry.ts';
import { checkParameters, parametersOf } from './detector-parameters.ts';

describe('parameters of the detectors', () => {
  it('are read from their schemas, with limits and defaults', () => {
    expect(parametersOf(detectorById('lof'))).toEqual([
      {
        name: 'k',
        kind: 'whole',
        default: 20,
        least: 1,
        most: 200,
        choices: [],
        meaning: 'Nearest samples that are looked at for each.',
      },
    ]);
    const reduction = parametersOf(detectorById('activation-clustering')).find(
      ({ name }) => name === 'reduction',
    );
    expect(reduction).toMatchObject({ kind: 'choice', default: 'pca' });
    expect(reduction?.choices).toContain('ica');
  });

  it('say what they do', () => {
    for (const detector of detectors)
      for (const { name, meaning } of parametersOf(detector))
        expect(meaning, `${detector.id}.${name}`).toMatch(/^.{15,}\.$/);
  });

  it('do not offer the error rate, which is the scan’s', () => {
    for (const detector of detectors)
      expect(parametersOf(detector).map(({ name }) => name)).not.toContain('alpha');
  });

  it('are refused where there is no such detector, name or value', () => {
    expect(() => checkParameters({ oracle: {} })).toThrow('no detector called “oracle”');
    expect(() => checkParameters({ lof: { neighbours: 3 } })).toThrow(
      'has no parameter “neighbours”; it has k',
    );
    expect(() => checkParameters({ lof: { k: 0 } })).toThrow(/k cannot be that/);
    expect(() => checkParameters({ 'trusted-mahalanobis': { alpha: 0.5 } })).toThrow('no parameter “alpha”');
    expect(() => checkParameters({ lof: { k: 30 } })).not.toThrow();
  });
});
