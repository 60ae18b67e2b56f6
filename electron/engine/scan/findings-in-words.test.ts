import { describe, expect, it } from 'vitest';
import type { ClassOutcome } from '../../../native-workers/decision/scan.ts';
import { certificateInWords, findingInWords, percent, pInWords, placeInWords } from './findings-in-words.ts';

const dark: ClassOutcome = {
  classIndex: 0,
  n: 6000,
  m: 500,
  decision: 'dark',
  grade: null,
  ways: [],
  statistic: null,
  pValue: null,
  lnP: null,
  flagged: 0,
  cut: null,
  certificates: [],
  epsilonMin: 0.0217,
  joined: null,
  subPopulations: [],
  flips: null,
  facts: [],
  skipped: null,
  notes: [],
};

describe('numbers in words', () => {
  it('never round a share to everything or nothing', () => {
    expect([0, 0.000001, 0.0217, 0.5, 0.9998, 0.99999999, 1].map(percent)).toEqual([
      '0 %',
      'less than 0.001 %',
      '2.2 %',
      '50 %',
      '99.98 %',
      'more than 99.999 %',
      '100 %',
    ]);
  });

  it('print p-values that a double cannot hold', () => {
    expect(pInWords(Math.log(0.0123))).toBe('p = 0.012');
    expect(pInWords(-69.2)).toBe('p = 8.8e-31');
    expect(pInWords(-2302.5850929940457)).toBe('p = 1.0e-1000');
    expect(pInWords(Math.log(9.96e-8))).toBe('p = 1.0e-7');
    expect(pInWords(-Infinity)).toBe('p < 1e-300');
  });
});

describe('a finding in words', () => {
  it('of an alarm names the strength, the comparison and the chance of a false one', () => {
    const alarm: ClassOutcome = {
      ...dark,
      decision: 'alarm',
      ways: ['trusted'],
      lnP: -69.2,
      flagged: 899,
      facts: [{ name: 'trusted rows that the median flagged row lies beyond', value: 0.9998, unit: 'share' }],
    };
    expect(findingInWords(alarm, ['dress'], 0.01)).toBe(
      '899 of 6,000 dress samples do not belong: half of them lie further out than 99.98 % of the trusted dress samples (p = 8.8e-31). On clean data any alarm of this scan has a chance of at most 1 %.',
    );
  });

  it('of flipped labels says what they look like', () => {
    const pairs = [
      { classIndex: 2, deep: 1702, mid: 23, lnE: 658 },
      { classIndex: 1, deep: 1, mid: 9, lnE: -12 },
    ];
    const flip: ClassOutcome = {
      ...dark,
      decision: 'alarm',
      ways: ['flip'],
      lnP: -658,
      flagged: 1800,
      flips: { lnE: 658, pairs },
    };
    expect(findingInWords(flip, ['pullover', 'shirt', 'ankle-boot'], 0.01)).toBe(
      '1,800 of 6,000 pullover samples do not belong: 1,702 of them lie deep inside ankle-boot, as wrongly labelled samples do (p = 1.7e-286). On clean data any alarm of this scan has a chance of at most 1 %.',
    );
  });

  it('of a structure claims no error rate', () => {
    const structure: ClassOutcome = { ...dark, decision: 'structure', ways: ['far'], flagged: 71 };
    expect(findingInWords(structure, ['business'], 0.01)).toMatch(
      /71 of 6,000 .* No error rate stands behind this/,
    );
  });

  it('of a dark class says what would have been seen, or what would change that', () => {
    expect(findingInWords(dark, ['dress'], 0.01)).toMatch(/seen from 2.2 % on \(131 samples\)/);
    expect(findingInWords({ ...dark, epsilonMin: null }, ['dress'], 0.01)).toMatch(
      /add trusted dress samples/,
    );
  });

  it('of a class that was left out gives the reason', () => {
    const skipped = 'Class dress has 12 rows: fewer than 50 are not scanned.';
    expect(findingInWords({ ...dark, decision: 'not judged', skipped }, ['dress'], 0.01)).toBe(skipped);
  });
});

describe('a certificate in words', () => {
  it('puts the exact one before the binomial and the structural', () => {
    const shared = {
      nullHypothesis: 'None.',
      statistic: { name: 'rows (act)', value: 913 },
      pValue: null,
      n: 10,
      m: 5,
      k: 1,
    };
    const outcome: ClassOutcome = {
      ...dark,
      certificates: [
        { ...shared, kind: 'far', strength: 'structural', lnP: null, lnLevel: null },
        {
          ...shared,
          kind: 'peel',
          strength: 'binomial',
          lnP: -300,
          lnLevel: -9,
          statistic: { name: 'share', value: 0.41 },
        },
        { ...shared, kind: 'trusted', strength: 'exact', lnP: -69.2, lnLevel: -11 },
        { ...shared, kind: 'flip', strength: 'e-value', lnP: -658, lnLevel: -Math.log(4000) },
      ],
    };
    const words = certificateInWords(outcome, false);
    expect(words?.split('\n').map((line) => line.split(' ')[0])).toEqual(['trusted', 'peel', 'flip', 'far']);
    expect(words).toMatch(
      /913 rows by activations; p = 8.8e-31 against a level of 1.7e-5; n = 10, m = 5, k = 1\./,
    );
    expect(words).toMatch(/share: 41 %/);
    expect(words).toMatch(/; e = 5\.8e285 where e = 4,000 alarms;/);
    expect(certificateInWords(outcome, true)).toBe(
      `${words ?? ''}\nThe records hold no predictions: the class of a linear discriminant head stands in for them, which the model may not agree with.`,
    );
    expect(certificateInWords(dark, true)).toBeNull();
  });
});

describe("a sample's place in its class", () => {
  it('is said against the other samples', () => {
    expect(placeInWords('trusted-mahalanobis', 'dress', 5998, 5999)).toBe(
      'further out than 99.98 % of dress samples',
    );
    expect(placeInWords('trusted-mahalanobis', 'dress', 5999, 5999)).toBe(
      'further out than every other dress sample',
    );
    expect(placeInWords('another', 'dress', 0, 5999)).toBe('more suspicious than no other dress sample');
    expect(placeInWords('another', 'dress', 0, 0)).toMatch(/only dress sample/);
  });
});
