import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaseState } from '../../electron/contract/case.ts';
import type { Following } from '../../electron/contract/following.ts';
import { followEngine, useEngine } from './engine-events.ts';
import { setCurrentHost } from './host-context.ts';
import { hostDouble } from './host-double.ts';
import type { HostDouble } from './host-double.ts';
import { bulkKey, callKey } from './queries.ts';
import { queryClient } from './query-client.ts';
import { useSelection } from './selection.ts';
import { useToasts } from './toasts.ts';
import { useViewState } from './view-state.ts';

const caseState = (id: string): CaseState => ({
  id,
  name: id,
  location: '/cases',
  createdAtMs: 0,
  analyst: 'Ada',
  proposedAnalyst: 'ada',
  question: '',
  counts: { evidence: 0, investigated: 0, trusted: 0, scans: 0, poison: 0, clean: 0, unsure: 0 },
  auditHead: '',
  auditCount: 0,
  portable: null,
});

const stateKey = callKey('case/state', {});
let host: HostDouble;

beforeEach(async () => {
  queryClient.clear();
  host = hostDouble();
  host.answers['case/state'] = () => Promise.resolve(caseState('a'));
  host.answers['view/load'] = () => Promise.resolve({ state: null });
  setCurrentHost(host);
  followEngine(host);
  await expect.poll(() => queryClient.getQueryData<CaseState>(stateKey)?.id).toBe('a');
});

const following = (alerts: number): Following => ({
  id: 'f',
  name: 'today.jsonl',
  baseline: 1,
  run: 1,
  state: 'following',
  startedAtMs: 0,
  events: 10,
  badLines: 0,
  lastTimeMs: null,
  behindBytes: 0,
  eventsPerSecond: 1,
  windowsClosed: 1,
  alerts,
  evidence: null,
  sentence: 'dress: looks like an attack.',
});

describe('following the engine', () => {
  it('tells an alert of a followed log once, in the window and on the desktop', () => {
    const told = vi.spyOn(host, 'notify');
    for (const alerts of [0, 1, 1]) host.tell('following', [following(alerts)]);
    expect(told.mock.calls).toEqual([['Alert: today.jsonl', 'dress: looks like an attack.']]);
    expect(useToasts.getState().toasts.at(-1)?.text).toBe('today.jsonl: dress: looks like an attack.');
  });

  it('makes old exactly what a change touches', async () => {
    const verdicts = bulkKey({ array: 'verdict', dataset: 1 });
    const labels = bulkKey({ array: 'label', dataset: 1 });
    for (const [key, subjects] of [
      [verdicts, ['verdicts']],
      [labels, ['evidence']],
    ] as const) {
      await queryClient.fetchQuery({ queryKey: key, queryFn: () => 1, meta: { subjects } });
    }
    host.tell('changed', { subjects: ['verdicts', 'audit'] });
    expect(queryClient.getQueryState(verdicts)?.isInvalidated).toBe(true);
    expect(queryClient.getQueryState(labels)?.isInvalidated).toBe(false);
  });

  it('shows nothing of one case in the next', () => {
    queryClient.setQueryData(callKey('evidence/list', {}), []);
    useSelection.getState().select([1, 2], 'replace');
    useViewState.getState().set({ scan: 4, view: 'map' });
    host.tell('case', caseState('b'));
    expect(queryClient.getQueryData(callKey('evidence/list', {}))).toBeUndefined();
    expect(useSelection.getState().rows).toHaveLength(0);
    expect(useViewState.getState()).toMatchObject({ scan: null, view: 'findings' });
  });

  it('keeps everything when the same case changes', () => {
    useSelection.getState().select([1, 2], 'replace');
    host.tell('case', { ...caseState('a'), auditCount: 5 });
    expect(useSelection.getState().rows).toHaveLength(2);
    expect(queryClient.getQueryData<CaseState>(stateKey)?.auditCount).toBe(5);
  });

  it('brings back what the window looked like', async () => {
    const state = JSON.stringify({
      window: { view: 'suspects', scan: 2, colourBy: 'moon', panels: { rail: 9 } },
      cursor: 12,
      selection: [3, 1],
    });
    host.answers['view/load'] = () => Promise.resolve({ state });
    host.tell('case', caseState('c'));
    await expect.poll(() => useViewState.getState().view).toBe('suspects');
    expect(useViewState.getState()).toMatchObject({ scan: 2, colourBy: 'label', panels: { rail: 220 } });
    expect(useSelection.getState()).toMatchObject({ cursor: 12, rows: Int32Array.of(1, 3) });
  });

  it('survives a saved view that is no JSON', async () => {
    host.answers['view/load'] = () => Promise.resolve({ state: '{' });
    host.tell('case', caseState('d'));
    await expect.poll(() => queryClient.getQueryData<CaseState>(stateKey)?.id).toBe('d');
    expect(useViewState.getState().view).toBe('findings');
  });

  it('says that the engine is lost and asks again when it is back', async () => {
    host.tell('engine', { state: 'lost', sentence: 'It stopped.' });
    expect(useEngine.getState()).toMatchObject({ state: 'lost', sentence: 'It stopped.' });
    const before = host.calls.length;
    host.tell('engine', { state: 'ready', sentence: '' });
    expect(useEngine.getState().state).toBe('ready');
    await expect.poll(() => host.calls.slice(before).map(([name]) => name)).toContain('case/state');
  });

  it('passes on what the engine says when it is up', () => {
    useToasts.setState({ toasts: [] });
    host.tell('engine', { state: 'ready', sentence: 'The case could not be opened.' });
    host.tell('engine', { state: 'lost', sentence: 'It stopped.' });
    host.tell('engine', { state: 'ready', sentence: 'It runs again.' });
    expect(useToasts.getState().toasts).toMatchObject([
      { tone: 'alarm', text: 'The case could not be opened.' },
      { tone: 'caution', text: 'It runs again.' },
    ]);
  });
});
