import { describe, expect, it } from 'vitest';
import { someEpisode } from '../../../test/fixtures/some-episode.ts';
import type { MonitorFinding } from '../../../native-workers/drift/monitor.ts';
import type { Episode } from '../../contract/alerts.ts';
import { coolDown, episodesOfFindings, knownAlerts, type FoundEpisode } from './alert-episodes.ts';

const HOUR = 3_600_000;
const at = (hour: number, change: Partial<Episode> = {}): Episode =>
  someEpisode({
    timeMs: (hour + 1) * HOUR,
    windowStartMs: hour * HOUR,
    windowEndMs: (hour + 1) * HOUR,
    onsetMs: hour * HOUR,
    ...change,
  });
const found = (episode: Episode, rows: number[] = [], scores = rows.map(() => NaN)): FoundEpisode => ({
  episode,
  rows: Int32Array.from(rows),
  scores: Float64Array.from(scores),
});

describe('the cool-down', () => {
  it('makes one of what follows within it, with the rows of both by score and the graver word', () => {
    const first = found(at(0, { severity: 'warning', kind: 'drift', explanation: 'a' }), [4, 9], [3, 1]);
    const second = found(at(2, { severity: 'error', explanation: 'b', ongoing: true }), [9, 7], [2, 5]);
    const other = found(at(2, { subject: 'bag' }));
    const late = found(at(9));
    const kept = coolDown([late, second, other, first], HOUR);
    expect(kept.map(({ episode }) => [episode.subject, episode.timeMs / HOUR])).toEqual([
      ['dress', 1],
      ['bag', 3],
      ['dress', 10],
    ]);
    expect(kept[0].episode).toMatchObject({
      severity: 'error',
      kind: 'attack-like',
      explanation: 'b',
      windowStartMs: 0,
      windowEndMs: 3 * HOUR,
      onsetMs: 0,
      ongoing: true,
      rows: 3,
    });
    expect([...kept[0].rows]).toEqual([7, 4, 9]);
    expect([...kept[0].scores]).toEqual([5, 3, 1]);
    expect(coolDown([first, second], HOUR - 1)).toHaveLength(2);
  });
});

describe('an episode that is seen again', () => {
  it('continues the alert of its monitor and subject at its time, and no other, once each', () => {
    const alert = (id: number, episode: Episode) => ({ id, foundAtMs: 0, run: 1, episode, actions: [] });
    const known = [
      alert(1, at(0)),
      alert(2, at(0, { subject: 'bag' })),
      alert(3, at(0, { monitor: 'psi' })),
      alert(4, at(50)),
    ];
    const again = [at(1), at(1), at(50, { kind: 'drift' }), at(20), at(0, { subject: 'coat' })];
    expect(knownAlerts(again, known, HOUR)).toEqual([1, null, 4, null, null]);
    expect(knownAlerts([at(3)], known, HOUR)).toEqual([null]);
  });
});

describe('findings of a preset', () => {
  const finding = (hour: number, change: Partial<MonitorFinding> = {}): MonitorFinding => ({
    windowStart: hour * HOUR,
    windowEnd: (hour + 1) * HOUR,
    subject: { kind: 'column', name: 'latency' },
    statistic: null,
    effect: { name: 'PSI', value: 0.3, unit: '' },
    pValue: 0.01,
    lnP: Math.log(0.01),
    leastP: null,
    adjustedP: null,
    lnE: null,
    decision: 'fires',
    severity: 'warning',
    kind: 'drift',
    onset: null,
    facts: [],
    sentence: 'It moved.',
    rows: null,
    ...change,
  });

  it('become episodes of warning at most, what is quiet becomes none', () => {
    const all = [
      finding(0),
      finding(1, { decision: 'quiet' }),
      finding(2),
      finding(6, { subject: { kind: 'predictions', name: '' }, rows: Int32Array.of(3, 1) }),
      finding(7, { decision: 'not judged' }),
    ];
    const episodes = episodesOfFindings(all, { id: 'psi', title: 'PSI' }, 'info', HOUR, 7 * HOUR);
    expect(episodes.map(({ episode }) => episode)).toMatchObject([
      {
        monitor: 'psi',
        subject: 'latency',
        subjectKind: 'column',
        severity: 'info',
        windowStartMs: 0,
        windowEndMs: 3 * HOUR,
        ongoing: false,
        effect: { name: 'PSI', value: 0.3 },
        pValue: 0.01,
      },
      { subject: 'predictions', subjectKind: 'model', ongoing: true, rows: 2 },
    ]);
    expect([...episodes[1].rows]).toEqual([3, 1]);
  });
});
