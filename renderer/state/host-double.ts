import type { BulkArray, BulkRequest } from '../../electron/contract/bulk.ts';
import type { CallName, Params, Result } from '../../electron/contract/calls.ts';
import type { EventOf, Topic } from '../../electron/contract/events.ts';
import type { Host } from '../../electron/contract/host.ts';

type Answers = { [N in CallName]?: (params: Params<N>) => Promise<Result<N>> };

/** A host for the tests of the stores: it answers what it is told to and tells what it is told to tell. */
export interface HostDouble extends Host {
  readonly answers: Answers;
  readonly calls: (readonly [CallName, unknown])[];
  arrays: (request: BulkRequest) => Promise<BulkArray>;
  tell<T extends Topic>(topic: T, payload: EventOf<T>): void;
}

/** A host that answers nothing yet. */
export function hostDouble(): HostDouble {
  const listeners = new Map<Topic, Set<(payload: never) => void>>();
  const refuse = (): Promise<never> => Promise.reject(new Error('not asked for in this test'));
  const host: HostDouble = {
    kind: 'serve',
    answers: {},
    calls: [],
    arrays: refuse,
    call: (name, params) => {
      host.calls.push([name, params]);
      const answer = host.answers[name];
      return answer ? answer(params) : refuse();
    },
    subscribe: (topic, listener) => {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => set.delete(listener);
    },
    tell: (topic, payload) => {
      for (const listener of listeners.get(topic) ?? []) listener(payload as never);
    },
    bulk: (request) => host.arrays(request),
    acquireFiles: refuse,
    acquireFolder: refuse,
    acquireDropped: refuse,
    folder: null,
    saveFile: refuse,
    delivered: refuse,
    notify: () => undefined,
    setTitle: () => undefined,
  };
  return host;
}
