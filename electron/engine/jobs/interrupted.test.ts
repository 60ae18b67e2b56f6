import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../contract/jobs.ts';
import { openJobJournal } from './interrupted.ts';

const CASE = '/cases/harbour.bezoar';
const DEAD = 999_999_999;
const grant = { token: 'token-of-a-file', path: '/data/a.npy', mode: 'read' as const };

const scan: Job = {
  id: 'job-1',
  kind: 'scan',
  title: 'Scan',
  state: 'running',
  phase: 'peel',
  fraction: 0.4,
  itemsDone: null,
  itemsTotal: null,
  unit: '',
  startedAtMs: 1,
  endedAtMs: null,
  estimateSeconds: 9,
  failure: null,
  result: null,
};

let userData = '';
beforeEach(() => {
  userData = mkdtempSync(join(tmpdir(), 'bezoar-journal-'));
});
afterEach(() => {
  rmSync(userData, { recursive: true, force: true });
});

const jobs = (): string[] => readdirSync(join(userData, 'jobs'));
const open = () => openJobJournal(userData, (pid) => pid !== DEAD);

/** As if the process that holds the journal had been another, killed since. */
function killHolder(): void {
  renameSync(join(userData, 'jobs', `${process.pid}.json`), join(userData, 'jobs', `${DEAD}.json`));
}

describe('openJobJournal', () => {
  it('shows what a dead engine left of this case, once, and hands its call over to be run again', () => {
    open().started(CASE, 'scan/start', { seed: 3 }, [grant], scan);
    killHolder();
    const journal = open();
    expect(journal.adopt(CASE)).toEqual(['Scan']);
    const [job] = journal.interrupted();
    expect(job).toMatchObject({ state: 'interrupted', fraction: 0.4, failure: { code: 'engine/lost' } });
    expect(job?.id).not.toBe('job-1');
    expect(journal.take('job-1')).toBeNull();
    expect(journal.take(job?.id ?? '')).toEqual({ call: 'scan/start', params: { seed: 3 }, grants: [grant] });
    expect(journal.interrupted()).toEqual([]);
    expect(jobs()).toEqual([]);
  });

  it('keeps an interrupted job through a second death', () => {
    open().started(CASE, 'scan/start', {}, [], scan);
    killHolder();
    open().adopt(CASE);
    killHolder();
    const third = open();
    expect(third.adopt(CASE)).toEqual(['Scan']);
    expect(third.interrupted()).toHaveLength(1);
  });

  it('leaves the jobs of other cases for when they are opened', () => {
    open().started('/cases/other.bezoar', 'scan/start', {}, [], scan);
    killHolder();
    const journal = open();
    expect(journal.adopt(CASE)).toEqual([]);
    expect(journal.adopt('/cases/other.bezoar')).toEqual(['Scan']);
  });

  it('forgets a job that ended, and leaves a living process alone', () => {
    const journal = open();
    journal.started(CASE, 'scan/start', {}, [], scan);
    expect(jobs()).toEqual([`${process.pid}.json`]);
    journal.ended('job-1');
    expect(jobs()).toEqual([]);
    writeFileSync(join(userData, 'jobs', '1.json'), '{}');
    expect(journal.adopt(CASE)).toEqual([]);
    expect(jobs()).toEqual(['1.json']);
  });

  it('passes over half a journal', () => {
    open().started(CASE, 'scan/start', {}, [], scan);
    killHolder();
    writeFileSync(join(userData, 'jobs', `${DEAD}.json`), '{"entries":[{');
    expect(open().adopt(CASE)).toEqual([]);
  });
});
