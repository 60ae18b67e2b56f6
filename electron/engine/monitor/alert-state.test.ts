import { expect, it } from 'vitest';
import { someEpisode } from '../../../test/fixtures/some-episode.ts';
import type { AlertAction, StoredAlert } from '../case/alert-table.ts';
import { responseTimes } from './alert-state.ts';

const HOUR = 3_600_000;
const action = (kind: AlertAction['action'], atMs: number): AlertAction => ({
  action: kind,
  step: null,
  incident: null,
  text: '',
  who: 'Ana',
  atMs,
});
const alert = (change: Partial<StoredAlert>): StoredAlert => ({
  id: 1,
  run: 1,
  foundAtMs: 1000,
  episode: someEpisode(),
  actions: [],
  ...change,
});

it('times to detect are in log time, times to respond by the clock, and mere information counts in neither', () => {
  expect(responseTimes([])).toEqual({ mttd: null, mttr: null });
  const quick = alert({ actions: [action('close', 5000)] });
  const slow = alert({
    episode: someEpisode({ onsetMs: someEpisode().timeMs - 3 * HOUR }),
    actions: [action('close', 2000), action('reopen', 3000), action('close', 9000)],
  });
  const open = alert({ episode: someEpisode({ onsetMs: someEpisode().timeMs + HOUR }) });
  const idle = alert({ episode: someEpisode({ severity: 'info', onsetMs: 0 }) });
  expect(responseTimes([quick, slow, open, idle])).toEqual({ mttd: (4 * HOUR) / 3, mttr: 6000 });
  const reopened = alert({ actions: [action('close', 5000), action('reopen', 6000)] });
  expect(responseTimes([reopened]).mttr).toBeNull();
});
