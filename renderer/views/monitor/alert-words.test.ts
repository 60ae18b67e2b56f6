import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../electron/contract/alerts.ts';
import type { MonitorRun } from '../../../electron/contract/monitor.ts';
import { byUrgency, evidenceOf, sensitivityWords, sentenceOfRun, timeSpan } from './alert-words.ts';

const alert = (part: Partial<Alert>): Alert => ({
  id: 1,
  run: 1,
  monitor: 'behaviour',
  monitorTitle: 'Behaviour',
  subject: 'dress',
  subjectKind: 'class',
  kind: 'attack-like',
  severity: 'error',
  timeMs: 1000,
  windowStartMs: 0,
  windowEndMs: 1000,
  onsetMs: 0,
  onsetFromMs: null,
  onsetToMs: null,
  ongoing: false,
  effect: { name: 'rise', value: 2, low: null, high: null },
  pValue: null,
  eValue: 5e6,
  explanation: '',
  reasons: [],
  subgroup: null,
  rows: 3,
  state: 'open',
  incident: null,
  foundAtMs: 0,
  notes: 0,
  ...part,
});

const run = { rows: 42_751, fromMs: 0, toMs: 7 * 86_400_000, baselineName: 'fashion-net v1' } as MonitorRun;

describe('the words of the monitor', () => {
  it('put what looks like an attack first, and what is closed last', () => {
    const list = [
      alert({ id: 1, state: 'closed', timeMs: 9000 }),
      alert({ id: 2, severity: 'warning', timeMs: 8000 }),
      alert({ id: 3, timeMs: 100 }),
    ];
    expect(byUrgency(list).map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it('name the class where an attack is seen, and stay calm where nothing is', () => {
    expect(sentenceOfRun(run, [alert({})])).toContain('dress: the model');
    expect(sentenceOfRun(run, [alert({ kind: 'drift' })])).toContain('none of them looks like an attack');
    expect(sentenceOfRun(run, [])).toBe('No alert in 42,751 requests over 7 days against fashion-net v1.');
  });

  it('say the knob, the evidence and a span of time', () => {
    expect(sensitivityWords({ kind: 'false-alarm-days', days: 365 })).toBe('one false alarm in 365 days');
    expect(evidenceOf(alert({}))).toBe('e = 5,000,000');
    expect(evidenceOf(alert({ eValue: null }))).toBe('no certificate');
    const noon = Date.UTC(2026, 2, 18, 12);
    expect(timeSpan(noon, noon + 7_200_000)).toMatch(/^18 Mar \d\d:00 to \d\d:00$/);
  });
});
