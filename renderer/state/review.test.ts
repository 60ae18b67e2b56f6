import { beforeEach, describe, expect, it } from 'vitest';
import type { BulkArray } from '../../electron/contract/bulk.ts';
import { BezoarError } from '../../electron/contract/errors.ts';
import { setCurrentHost } from './host-context.ts';
import { hostDouble } from './host-double.ts';
import type { HostDouble } from './host-double.ts';
import { bulkKey, callKey } from './queries.ts';
import { queryClient } from './query-client.ts';
import { setVerdict, setVerdictAtCursor, setVerdictOfSelection, undoVerdict } from './review.ts';
import { useSelection } from './selection.ts';
import { useSuspectOrder } from './suspect-order.ts';
import { useToasts } from './toasts.ts';

const verdictKey = bulkKey({ array: 'verdict', dataset: 7 });
const verdicts = (): number[] => Array.from(queryClient.getQueryData<BulkArray>(verdictKey)?.data ?? []);
const toasts = (): string[] => useToasts.getState().toasts.map(({ text }) => text);

let host: HostDouble;

beforeEach(() => {
  host = hostDouble();
  host.answers['verdict/set'] = ({ rows }) => Promise.resolve({ changed: rows.length });
  setCurrentHost(host);
  queryClient.clear();
  queryClient.setQueryData(callKey('dataset/list', {}), [
    { id: 3, role: 'trusted' },
    { id: 7, role: 'investigated' },
  ]);
  queryClient.setQueryData(verdictKey, { dtype: 'uint8', shape: [5], data: new Uint8Array(5) });
  useSelection.getState().restart();
  useToasts.setState({ toasts: [] });
  useSuspectOrder.getState().setOrder(Int32Array.of(4, 1, 2));
});

describe('a verdict', () => {
  it('shows before the engine has answered', async () => {
    let answer: (value: { changed: number }) => void = () => undefined;
    host.answers['verdict/set'] = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const set = setVerdict('poison', [1, 3]);
    await expect.poll(verdicts).toEqual([0, 1, 0, 1, 0]);
    answer({ changed: 2 });
    await set;
    expect(toasts()).toEqual(['2 samples marked poison.']);
  });

  it('is taken back and said when the engine refuses it', async () => {
    host.answers['verdict/set'] = () =>
      Promise.reject(new BezoarError('case/disk-full', 'The disk is full. No verdict was kept.'));
    await setVerdict('clean', [0]);
    expect(queryClient.getQueryState(verdictKey)?.isInvalidated).toBe(true);
    expect(toasts()).toEqual(['The disk is full. No verdict was kept.']);
  });

  it('goes to the cursor and moves on', async () => {
    useSelection.getState().setCursor(1);
    await setVerdictAtCursor('unsure');
    expect(host.calls).toEqual([['verdict/set', { dataset: 7, rows: [1], verdict: 'unsure', reason: '' }]]);
    expect(useSelection.getState().cursor).toBe(2);
    expect(toasts()).toEqual([]);
  });

  it('goes to the whole selection as one act', async () => {
    useSelection.getState().select([2, 0, 4], 'replace');
    await setVerdictOfSelection('poison');
    expect(host.calls).toHaveLength(1);
    expect(verdicts()).toEqual([1, 0, 1, 0, 1]);
  });

  it('asks for a selection where there is none', async () => {
    await setVerdictOfSelection('poison');
    expect(host.calls).toEqual([]);
    expect(toasts()[0]).toContain('Nothing is selected');
  });
});

describe('undo', () => {
  it('says what was undone and shows the sample', async () => {
    host.answers['verdict/undo'] = () =>
      Promise.resolve({ changed: 1, sentence: 'Undone: 1 sample marked poison.', rows: [3] });
    await undoVerdict();
    expect(useSelection.getState().cursor).toBe(3);
    expect(toasts()).toEqual(['Undone: 1 sample marked poison.']);
  });
});
