import { describe, expect, it } from 'vitest';
import type { ClassFinding, ScanDetail } from '../../../electron/contract/scan.ts';
import {
  byUrgency,
  factText,
  joinedSentence,
  limitSentence,
  sentenceOfScan,
  toneOf,
} from './finding-words.ts';

const finding = (classIndex: number, part: Partial<ClassFinding> = {}): ClassFinding => ({
  classIndex,
  n: 6000,
  decision: 'dark',
  ways: [],
  statistic: null,
  pValue: null,
  lnP: null,
  flagged: 0,
  certificate: null,
  certificates: [],
  joined: null,
  sentence: '',
  epsilonMin: 0.004,
  facts: [],
  shares: null,
  known: null,
  ...part,
});

const scan = (classes: ClassFinding[], part: Partial<ScanDetail> = {}): ScanDetail => ({
  id: 1,
  startedAtMs: 0,
  startedBy: 'ada',
  milliseconds: 1,
  seed: 1,
  alpha: 0.01,
  detectors: [],
  methodIds: [],
  stale: false,
  staleReason: null,
  rows: 18_000,
  flagged: 0,
  alarms: [],
  structures: [],
  known: [],
  withTrusted: true,
  builtIn: null,
  classNames: ['bag', 'coat', 'dress'],
  classes,
  detectorRuns: [],
  notes: [],
  engine: 'typescript',
  version: '0.1.0',
  peakRssBytes: 1,
  inputs: [],
  ...part,
});

describe('byUrgency', () => {
  it('puts alarms on top and what was tested in vain last', () => {
    const order = byUrgency([
      finding(0),
      finding(1, { decision: 'not judged' }),
      finding(2, { decision: 'alarm', flagged: 5 }),
      finding(3, { decision: 'structure' }),
      finding(4, { decision: 'alarm', flagged: 90 }),
    ]).map(({ classIndex }) => classIndex);
    expect(order).toEqual([4, 2, 3, 1, 0]);
  });
});

describe('sentenceOfScan', () => {
  it('says the alarm, the class and how many samples', () => {
    const text = sentenceOfScan(
      scan([finding(2, { decision: 'alarm', flagged: 899 }), finding(0)], { flagged: 899 }),
    );
    expect(text).toBe('One class raises an alarm: dress. 899 samples are put forward for review.');
  });

  it('says of a clean case what was tested, how finely, and what was not', () => {
    const text = sentenceOfScan(
      scan([
        finding(0),
        finding(1, { epsilonMin: 0.012 }),
        finding(2, { decision: 'not judged', epsilonMin: null }),
      ]),
    );
    expect(text).toBe(
      'Nothing was found in 18,000 samples. 2 classes were tested at a family-wise level of 1 % against the trusted set. Poison that lies beyond every trusted sample would have been seen from 0.4 % to 1.2 % of a class on; less, or poison that lies nearer, may be there. Not judged: dress.',
    );
  });

  it('claims no test where there was none', () => {
    const ranking = { decision: 'not judged (ranking)', epsilonMin: null } as const;
    const text = sentenceOfScan(scan([finding(0, ranking), finding(1, ranking)], { withTrusted: false }));
    expect(text).not.toContain('tested');
    expect(text).toContain('Not judged: bag and coat; a trusted set would change that.');
  });
});

describe('a structure that was judged natural before', () => {
  const known = { id: 1, by: 'ada', atMs: 0, reason: 'an agency', overlap: 1 };
  const structure = finding(0, { decision: 'structure', flagged: 60, epsilonMin: null });
  const natural = finding(1, { decision: 'structure', flagged: 90, epsilonMin: null, known });
  const ranking = finding(2, { decision: 'not judged (ranking)' });

  it('is not new: it is said apart, below what is, and alarms nobody', () => {
    expect(byUrgency([ranking, natural, structure]).map(({ classIndex }) => classIndex)).toEqual([0, 1, 2]);
    expect([toneOf([natural, ranking]), toneOf([natural, structure])]).toEqual(['calm', 'caution']);
    expect(sentenceOfScan(scan([natural, structure]))).toBe(
      'One class holds a tight group apart, without an error rate: bag. A tight group that was judged natural before is there again: coat.',
    );
    expect(sentenceOfScan(scan([natural, finding(2, { epsilonMin: 0.01 })]))).toMatch(
      /^Nothing new was found in 18,000 samples\. A tight group that was judged natural before is there again: coat\. 1 class was tested at/,
    );
  });
});

describe('limits and facts', () => {
  it('says the smallest share as a share and as samples', () => {
    expect(limitSentence(finding(0))).toContain('from 0.4 % on (24 samples of 6,000)');
  });

  it('says what all tests joined say, also beyond what a double holds', () => {
    const lnLevel = Math.log(1000);
    expect(joinedSentence({ lnE: Math.log(25), lnLevel })).toBe(
      'All tests of the class joined as one e-value: e = 25; 1,000 would be needed to alarm by that alone. It decides nothing.',
    );
    expect(joinedSentence({ lnE: 1000, lnLevel })).toContain('e = 1.97e+434;');
    expect(joinedSentence({ lnE: -0.4, lnLevel })).toContain('show nothing (at most 1; 1,000 would be');
  });

  it('keeps a unit beside its number', () => {
    expect(factText({ name: 'depth', value: 0.12345, unit: '' })).toBe('0.123');
    expect(factText({ name: 'radius', value: 12.5, unit: 'σ' })).toBe('12.5 σ');
    expect(factText({ name: 'beyond', value: 0.0811, unit: 'share' })).toBe('8.11 %');
    expect(factText({ name: 'share', value: null, unit: 'share' })).toBe('–');
  });
});
