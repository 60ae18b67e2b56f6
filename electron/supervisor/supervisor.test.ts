import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventOf } from '../contract/events.ts';
import type { EngineMessage, ToWindow } from '../contract/wire.ts';
import type { ForkedEngine } from './forked-engine.ts';
import { forkEngine } from './forked-engine.ts';
import type { Supervisor } from './supervisor.ts';
import { createSupervisor } from './supervisor.ts';

const CHILD = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'engine-child.ts');

/** A supervisor over real processes, and what it said, to be waited for in order. */
function supervise(openCase: string | null = null) {
  const said: EventOf<'engine'>[] = [];
  const answers: ToWindow[] = [];
  const waiting: (() => void)[] = [];
  const children: ForkedEngine[] = [];
  const givenUp: string[] = [];
  const wake = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  const supervisor = createSupervisor<ForkedEngine>({
    spawn: () => forkEngine(CHILD),
    userData: '/nowhere',
    threads: 1,
    kernels: null,
    openCase,
    sample: null,
    onEngine: (event) => {
      said.push(event);
      wake();
    },
    onStarted: (child) => {
      children.push(child);
    },
    onWindowMessage: (message) => {
      answers.push(message);
      wake();
    },
    onGivenUp: (sentence) => {
      givenUp.push(sentence);
    },
    log: () => undefined,
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const kill = (): void => {
    process.kill(children.at(-1)?.pid ?? 0, 'SIGKILL');
  };
  const ask = async (id: number): Promise<{ pid: number; granted: string[] }> => {
    supervisor.send({ window: 1, message: { kind: 'call', id, name: 'any', params: {} } });
    const find = (): (EngineMessage & { kind: 'reply' }) | undefined =>
      answers.map(({ message }) => message).find((one) => one.kind === 'reply' && one.id === id) as
        (EngineMessage & { kind: 'reply' }) | undefined;
    await until(() => find() !== undefined);
    return find()?.result as { pid: number; granted: string[] };
  };
  return { supervisor, said, children, givenUp, until, kill, ask };
}

let running: Supervisor | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

describe('createSupervisor', () => {
  it('restarts a killed engine with its case and its files, and says so', async () => {
    const { supervisor, said, until, kill, ask } = supervise('/cases/harbour.bezoar');
    running = supervisor;
    supervisor.start();
    await until(() => said.length === 1);
    expect(said[0]).toEqual({ state: 'ready', sentence: '' });
    await supervisor.grant('token-of-a-file', '/data/a.npy', 'read');
    const before = await ask(1);
    kill();
    await until(() => said.length === 3);
    expect(said[1]?.state).toBe('lost');
    expect(said[2]?.state).toBe('ready');
    expect(said[2]?.sentence).toContain('“Harbour” is open at its last saved state');
    expect(said[2]?.sentence).toContain('“Scan”');
    const after = await ask(2);
    expect(after.pid).not.toBe(before.pid);
    expect(after.granted).toEqual(['token-of-a-file']);
  });

  it('gives up after five restarts within a minute', async () => {
    const { supervisor, said, children, givenUp, until, kill } = supervise();
    running = supervisor;
    supervisor.start();
    for (let ready = 1; ready <= 6; ready++) {
      await until(() => said.filter(({ state }) => state === 'ready').length === ready);
      kill();
    }
    await until(() => givenUp.length === 1 || said.at(-1)?.sentence.includes('again and again') === true);
    expect(children).toHaveLength(6);
    expect(supervisor.lastEvent()).toMatchObject({ state: 'lost' });
    expect(supervisor.send({ window: 1, message: {} })).toBe(false);
  });

  it('ends the engine without calling it lost', async () => {
    const { supervisor, said, until } = supervise();
    supervisor.start();
    await until(() => said.length === 1);
    await supervisor.stop();
    expect(said).toHaveLength(1);
  });
});
