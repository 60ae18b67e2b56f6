import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineMessage, HostMessage } from '../contract/wire.ts';
import type { EngineProcess } from './engine-process.ts';
import { createEngineProcess } from './engine-process.ts';
import { handlers } from './handlers/registry.ts';
import { calls } from '../contract/calls.ts';

let folder = '';
let engine: EngineProcess;
let host: HostMessage[] = [];
let events: (EngineMessage & { kind: 'event' })[] = [];
let left: Promise<number>;
let waiting: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-engine-'));
  host = [];
  events = [];
  const leaving = Promise.withResolvers<number>();
  left = leaving.promise;
  const wake = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  engine = createEngineProcess({
    toHost: (message) => {
      host.push(message);
      wake();
    },
    toWindows: (message) => {
      if (message.kind === 'event') events.push(message);
      wake();
    },
    leave: leaving.resolve,
  });
});
afterEach(async () => {
  engine.control({ control: 'shutdown' });
  expect(await left).toBe(0);
  rmSync(folder, { recursive: true, force: true });
  waiting = [];
});

const init = (openCase: string | null = null): void => {
  engine.control({ control: 'init', userData: folder, threads: 1, kernels: null, openCase, sample: null });
};
async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
}
const ready = () => until(() => host.find((message) => message.host === 'ready'));
const ask = (message: unknown): Promise<EngineMessage> =>
  new Promise((resolve) => {
    void engine.answer(message, resolve);
  });
const call = (name: string, params: unknown) => ask({ kind: 'call', id: 5, name, params });

describe('the engine process', () => {
  it('has a handler for every method of the contract', () => {
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(calls).sort());
  });

  it('answers what was asked before it was started', async () => {
    const early = call('case/state', {});
    init();
    expect(await early).toEqual({ kind: 'reply', id: 5, ok: true, result: null });
  });

  it('knows the files that were granted before it was started', async () => {
    const path = join(folder, 'harbour.bezoar');
    engine.control({ control: 'grant', token: 'token-for-harbour', path, mode: 'write' });
    init();
    expect(await call('case/create', { target: 'token-for-harbour' })).toMatchObject({
      kind: 'reply',
      result: { name: 'harbour' },
    });
    expect(host).toContainEqual({ host: 'case', path, name: 'harbour' });
  });

  it('starts without a case that cannot be opened, and says why', async () => {
    const path = join(folder, 'letter.bezoar');
    writeFileSync(path, 'Dear Sir');
    init(path);
    const { problem } = await ready();
    expect(problem).toContain('letter.bezoar');
    expect(await call('case/state', {})).toMatchObject({ result: null });
    engine.control({ control: 'open', path });
    expect(await until(() => events.find(({ topic }) => topic === 'engine'))).toMatchObject({
      payload: { state: 'ready', sentence: problem },
    });
  });

  it('refuses what is not of the contract with a sentence', async () => {
    init();
    const failure = (code: string) => ({ kind: 'failure', id: 5, failure: { code } });
    expect(await call('case/burn', {})).toMatchObject(failure('engine/bad-request'));
    expect(await call('toString', {})).toMatchObject(failure('engine/bad-request'));
    expect(await call('case/open', { file: 7 })).toMatchObject(failure('engine/bad-request'));
    expect(await ask({ kind: 'other', id: 5 })).toMatchObject(failure('engine/bad-request'));
    expect(await call('case/open', { file: 'token-of-nothing' })).toMatchObject(failure('file/not-granted'));
    expect(await call('dataset/list', {})).toMatchObject(failure('case/not-open'));
    expect(
      await ask({ kind: 'bulk', id: 5, request: { array: 'label', dataset: 1 }, offset: 0 }),
    ).toMatchObject(failure('case/not-open'));
  });

  it('tells the window nothing of a bug but a sentence, and the log everything', async () => {
    init();
    const broken = vi.spyOn(handlers, 'engine/info').mockImplementation(() => {
      throw new TypeError('secret of the inside');
    });
    const answer = await call('engine/info', {});
    broken.mockRestore();
    expect(answer).toMatchObject({ kind: 'failure', failure: { code: 'engine/bug' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(host).toContainEqual({
      host: 'log',
      line: expect.stringMatching(/engine\/info: TypeError: secret of the inside\n +at /) as string,
    });
  });
});
