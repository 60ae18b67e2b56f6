import { afterEach, describe, expect, it } from 'vitest';
import type { CaseState } from '../../../electron/contract/case.ts';
import { FileToken } from '../../../electron/contract/case.ts';
import type { DroppedFile, FileGrant, Host } from '../../../electron/contract/host.ts';
import type { EngineMessage } from '../../../electron/contract/wire.ts';
import { createElectronHost } from './electron-host.ts';
import { engineDouble, pageOf } from './engine-double.ts';
import type { EngineDouble } from './engine-double.ts';
import { createServeHost } from './serve-host.ts';
import type { SocketHandlers } from './serve-host.ts';

interface Bench {
  readonly host: Host;
  readonly engine: () => EngineDouble;
  /** The engine goes away as it does there, and comes back. */
  readonly drop: () => void;
  readonly restore: () => void;
  readonly asked: string[];
  readonly close: () => void;
}

const grant: FileGrant = { token: FileToken.parse('token-0001'), name: 'records.csv', size: 12 };

function electronBench(): Bench {
  const page = new EventTarget();
  const asked: string[] = [];
  let far: MessagePort;
  let engine: EngineDouble;
  const offer = (): void => {
    const channel = new MessageChannel();
    const double = engineDouble((message) => {
      channel.port1.postMessage(message);
    });
    channel.port1.onmessage = (event) => {
      double.take(event.data);
    };
    far = channel.port1;
    engine = double;
    page.dispatchEvent(
      Object.assign(new Event('message'), {
        source: page,
        data: { type: 'bezoar-port' },
        ports: [channel.port2],
      }),
    );
  };
  const host = createElectronHost(
    {
      ready: offer,
      acquireFiles: (purpose) => {
        asked.push(`acquire ${purpose}`);
        return Promise.resolve([grant]);
      },
      grantDropped: (files) => {
        asked.push(`dropped ${files.map(({ name }) => name).join(' ')}`);
        return Promise.resolve([grant]);
      },
      saveFile: (purpose, name) => {
        asked.push(`save ${purpose} ${name}`);
        return Promise.resolve(grant);
      },
      notify: (title) => asked.push(`notify ${title}`),
      setTitle: (title) => asked.push(`title ${title}`),
    },
    page,
  );
  return {
    host,
    engine: () => engine,
    drop: () => {
      far.close();
    },
    restore: offer,
    asked,
    close: () => {
      far.close();
    },
  };
}

function frameOf(message: Extract<EngineMessage, { kind: 'bulk-page' }>): ArrayBuffer {
  const { data, ...head } = message;
  const json = new TextEncoder().encode(JSON.stringify(head));
  const frame = new Uint8Array(4 + json.length + data.length);
  new DataView(frame.buffer).setUint32(0, json.length, true);
  frame.set(json, 4);
  frame.set(data, 4 + json.length);
  return frame.buffer;
}

function serveBench(): Bench {
  const asked: string[] = [];
  const due: (() => void)[] = [];
  let socket: SocketHandlers;
  let engine: EngineDouble;
  const host = createServeHost({
    openSocket: (handlers) => {
      socket = handlers;
      const double = engineDouble((message) => {
        handlers.received(message.kind === 'bulk-page' ? frameOf(message) : JSON.stringify(message));
      });
      engine = double;
      queueMicrotask(handlers.opened);
      return (text) => {
        double.take(JSON.parse(text));
      };
    },
    request: (_method, path, body, progress) => {
      progress?.(0.5);
      if (path.startsWith('/upload')) {
        asked.push(`dropped ${decodeURIComponent(path.split('=').at(-1) ?? '')}`);
        return Promise.resolve(grant);
      }
      const { purpose, suggestedName } = JSON.parse(typeof body === 'string' ? body : '{}') as Record<
        string,
        string
      >;
      asked.push(`save ${purpose} ${suggestedName}`);
      return Promise.resolve(grant);
    },
    pickFiles: (purpose) => {
      asked.push(`acquire ${purpose}`);
      return Promise.resolve([{ name: 'records.csv', size: 12 }]);
    },
    pickFolder: () => {
      asked.push('acquire folder');
      return Promise.resolve({
        name: 'images',
        files: [{ path: 'red/a.png', file: { name: 'a.png', size: 3 } }],
      });
    },
    download: (path) => asked.push(`download ${path}`),
    notify: (title) => asked.push(`notify ${title}`),
    setTitle: (title) => asked.push(`title ${title}`),
    later: (_milliseconds, run) => due.push(run),
  });
  return {
    host,
    engine: () => engine,
    drop: () => {
      socket.closed();
    },
    restore: () => due.shift()?.(),
    asked,
    close: () => undefined,
  };
}

const state: CaseState = {
  id: 'c1',
  name: 'Dresses',
  location: '/cases',
  createdAtMs: 0,
  analyst: null,
  proposedAnalyst: 'ada',
  question: '',
  counts: { evidence: 0, investigated: 0, trusted: 0, scans: 0, poison: 0, clean: 0, unsure: 0 },
  auditHead: 'ab',
  auditCount: 1,
  portable: null,
};

const eventOf = <T>(subscribe: (listener: (payload: T) => void) => void): Promise<T> =>
  new Promise(subscribe);

describe.each([
  ['electron', electronBench],
  ['serve', serveBench],
])('the host of %s', (kind, make) => {
  const benches: Bench[] = [];
  const bench = (): Bench => {
    const made = make();
    benches.push(made);
    return made;
  };
  afterEach(() => {
    for (const { close } of benches.splice(0)) close();
  });

  it('says what it is', () => {
    const { host } = bench();
    expect(host.kind).toBe(kind);
    expect(host.folder === null).toBe(kind === 'electron');
  });

  it('pairs answers with questions, whatever their order', async () => {
    const { host, engine } = bench();
    const first = host.call('case/state', {});
    const second = host.call('verdict/set', { dataset: 1, rows: [3], verdict: 'poison', reason: '' });
    const a = await engine().next();
    const b = await engine().next();
    expect([a, b]).toMatchObject([
      { kind: 'call', name: 'case/state' },
      { kind: 'call', name: 'verdict/set', params: { rows: [3] } },
    ]);
    engine().send({ kind: 'reply', id: b.id, ok: true, result: { changed: 1 } });
    engine().send({ kind: 'reply', id: a.id, ok: true, result: state });
    expect(await second).toEqual({ changed: 1 });
    expect(await first).toEqual(state);
  });

  it('rejects with the code and the sentence of a failure', async () => {
    const { host, engine } = bench();
    const asked = host.call('verdict/undo', {});
    const { id } = await engine().next();
    engine().send({
      kind: 'failure',
      id,
      failure: { code: 'verdict/nothing-to-undo', sentence: 'There is nothing to undo.' },
    });
    await expect(asked).rejects.toMatchObject({
      name: 'BezoarError',
      code: 'verdict/nothing-to-undo',
      message: 'There is nothing to undo.',
    });
  });

  it('refuses an answer of the wrong shape', async () => {
    const { host, engine } = bench();
    const asked = host.call('verdict/set', { dataset: 1, rows: [3], verdict: null, reason: '' });
    const { id } = await engine().next();
    engine().send({ kind: 'reply', id, ok: true, result: { changed: 'many' } });
    await expect(asked).rejects.toMatchObject({ code: 'engine/bug' });
  });

  it('puts a paged array together with its type', async () => {
    const { host, engine } = bench();
    const rank = Int32Array.from({ length: 11 }, (_, i) => 100 - i * 7);
    const asked = host.bulk({ array: 'rank', scan: 4 });
    for (let pages = 0; pages < 3; pages++) {
      const message = await engine().next();
      if (message.kind !== 'bulk') throw new Error('not a bulk request');
      expect(message.offset).toBe(pages * 16);
      engine().send(pageOf(message, { dtype: 'int32', shape: [11], data: rank }, 16));
    }
    const array = await asked;
    expect(array.shape).toEqual([11]);
    expect(array.data).toEqual(rank);
  });

  it('takes an empty array', async () => {
    const { host, engine } = bench();
    const asked = host.bulk({ array: 'label', dataset: 1 });
    const message = await engine().next();
    if (message.kind !== 'bulk') throw new Error('not a bulk request');
    engine().send(pageOf(message, { dtype: 'int32', shape: [0], data: new Int32Array(0) }, 16));
    expect((await asked).data).toEqual(new Int32Array(0));
  });

  it.each([
    ['a total that does not fit the shape', { shape: [3], offset: 0, total: 16 }, 16],
    ['more bytes than the total', { shape: [2], offset: 0, total: 8 }, 12],
    ['no bytes although some are missing', { shape: [2], offset: 0, total: 8 }, 0],
    ['another offset than asked', { shape: [2], offset: 4, total: 8 }, 4],
  ])('refuses an array with %s', async (_name, header, bytes) => {
    const { host, engine } = bench();
    const asked = host.bulk({ array: 'label', dataset: 1 });
    const { id } = await engine().next();
    engine().send({
      kind: 'bulk-page',
      id,
      header: { dtype: 'int32', ...header },
      data: new Uint8Array(bytes),
    });
    await expect(asked).rejects.toMatchObject({ code: 'engine/bug' });
  });

  it('hands events to all who listen and to nobody else', async () => {
    const { host, engine } = bench();
    const gone: unknown[] = [];
    const stop = host.subscribe('changed', (payload) => gone.push(payload));
    stop();
    const heard = eventOf((listener) => host.subscribe('changed', listener));
    const other = eventOf((listener) => host.subscribe('case', listener));
    void host.call('job/list', {}).catch(() => undefined);
    await engine().next();
    engine().send({ kind: 'event', topic: 'changed', payload: { subjects: ['no such subject'] } });
    engine().send({ kind: 'event', topic: 'changed', payload: { subjects: ['verdicts'] } });
    engine().send({ kind: 'event', topic: 'case', payload: state });
    expect(await heard).toEqual({ subjects: ['verdicts'] });
    expect(await other).toEqual(state);
    expect(gone).toEqual([]);
  });

  it('refuses what was under way when the engine is lost, says so, and answers again afterwards', async () => {
    const { host, engine, drop, restore } = bench();
    const asked = host.call('case/state', {});
    const array = host.bulk({ array: 'label', dataset: 1 });
    await engine().next();
    const lost = eventOf((listener) => host.subscribe('engine', listener));
    drop();
    await expect(asked).rejects.toMatchObject({ code: 'engine/lost' });
    await expect(array).rejects.toMatchObject({ code: 'engine/lost' });
    expect(await lost).toMatchObject({ state: 'lost' });
    await expect(host.call('case/state', {})).rejects.toMatchObject({ code: 'engine/lost' });

    const ready = new Promise((resolve) => {
      host.subscribe('engine', (event) => {
        if (event.state === 'ready') resolve(event);
      });
    });
    restore();
    await ready;
    const again = host.call('case/state', {});
    const { id } = await engine().next();
    engine().send({ kind: 'reply', id, ok: true, result: null });
    expect(await again).toBeNull();
  });

  it('refuses what was under way when it is told that the engine is lost', async () => {
    const { host, engine } = bench();
    const asked = host.call('case/state', {});
    await engine().next();
    engine().send({ kind: 'event', topic: 'engine', payload: { state: 'lost', sentence: 'It stopped.' } });
    await expect(asked).rejects.toMatchObject({ code: 'engine/lost' });
  });

  it('gets files by dialog and by drop, with progress that ends at 1', async () => {
    const { host, asked } = bench();
    expect(await host.acquireFiles('evidence')).toEqual([grant]);
    const files: DroppedFile[] = [{ name: 'a b.npy', size: 8 }];
    const seen: number[] = [];
    const none = Promise.resolve([]);
    expect(await host.acquireDropped(files, none, (fraction) => seen.push(fraction))).toEqual([grant]);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(asked).toContain('acquire evidence');
    expect(asked).toContain('dropped a b.npy');
  });

  it('gets a folder by dialog and by drop as one grant', async () => {
    const { host, asked } = bench();
    const seen: number[] = [];
    expect(await host.acquireFolder((fraction) => seen.push(fraction))).toEqual([grant]);
    expect(asked).toContain('acquire folder');
    const folder = { name: 'images', files: [{ path: 'red/b.png', file: { name: 'b.png', size: 3 } }] };
    // A browser lists a folder among the files too.
    const files = [{ name: 'images', size: 4096 }];
    const dropped = await host.acquireDropped(files, Promise.resolve([folder]), () => undefined);
    expect(dropped).toEqual([grant]);
    if (kind === 'serve') {
      expect(asked).toEqual(
        ['acquire folder', 'images', 'red/a.png', 'images', 'red/b.png'].map((said, at) =>
          at === 0 ? said : `dropped ${said}`,
        ),
      );
      expect(seen.at(-1)).toBe(1);
    }
  });

  it('asks where to write and delivers what was written', async () => {
    const { host, asked } = bench();
    const target = await host.saveFile('export', 'poison.csv');
    expect(target).toEqual(grant);
    await host.delivered(grant);
    host.setTitle('Dresses');
    expect(asked).toContain('save export poison.csv');
    expect(asked).toContain('title Dresses');
    expect(asked.includes('download /download/token-0001')).toBe(kind === 'serve');
  });
});

describe('the host of electron', () => {
  it('takes no port that another window sent', async () => {
    const page = new EventTarget();
    const host = createElectronHost(
      {
        ready: () => undefined,
        acquireFiles: () => Promise.resolve([]),
        grantDropped: () => Promise.resolve([]),
        saveFile: () => Promise.resolve(null),
        notify: () => undefined,
        setTitle: () => undefined,
      },
      page,
    );
    const offer = (source: EventTarget): Promise<string> => {
      const channel = new MessageChannel();
      page.dispatchEvent(
        Object.assign(new Event('message'), {
          source,
          data: { type: 'bezoar-port' },
          ports: [channel.port2],
        }),
      );
      return new Promise((resolve) => {
        channel.port1.onmessage = () => {
          resolve('asked');
          channel.port1.close();
        };
      });
    };
    const foreign = offer(new EventTarget());
    void host.call('case/state', {}).catch(() => undefined);
    const own = offer(page);
    expect(await Promise.race([foreign.then(() => 'foreign'), own.then(() => 'own')])).toBe('own');
  });
});
