import { availableParallelism } from 'node:os';
import type { ControlMessage, EngineMessage, HostMessage } from '../contract/wire.ts';
import { BezoarError } from '../contract/errors.ts';
import type { EngineInstance } from './create-engine.ts';
import { createEngine } from './create-engine.ts';
import { dispatch, invoke } from './dispatch.ts';
import { grantFile } from './grant-file.ts';
import type { StartDecoder } from './ingest/images/decoder-process.ts';
import { openSample } from './sample-incident.ts';

export interface EngineProcessChannels {
  readonly toHost: (message: HostMessage) => void;
  /** An event for every window. */
  readonly toWindows: (message: EngineMessage) => void;
  readonly leave: (code: number) => void;
  /** How image decoders are started where they cannot be forked. */
  readonly startDecoder?: StartDecoder;
}

/** The engine behind its two doors, whatever carries the messages. */
export interface EngineProcess {
  control(message: unknown): void;
  /** Answers one message of a window; what comes before `init` waits for it. */
  answer(message: unknown, reply: (message: EngineMessage) => void): Promise<void>;
}

export function createEngineProcess(channels: EngineProcessChannels): EngineProcess {
  const { toHost, toWindows } = channels;
  const early: (ControlMessage & { control: 'grant' })[] = [];
  const started = Promise.withResolvers<EngineInstance>();
  let engine: EngineInstance | null = null;

  const log = (line: string): void => {
    toHost({ host: 'log', line });
  };

  const init = async (message: ControlMessage & { control: 'init' }): Promise<void> => {
    if (engine !== null) return;
    const created = createEngine({
      userData: message.userData,
      threads: message.threads > 0 ? message.threads : availableParallelism(),
      kernels: message.kernels,
      startDecoder: channels.startDecoder,
      publish: (topic, payload) => {
        toWindows({ kind: 'event', topic, payload });
      },
      onCase: (path, name) => {
        toHost({ host: 'case', path, name });
      },
      log,
    });
    engine = created;
    for (const grant of early) created.grants.grant(grant.token, grant.path, grant.mode);
    const problem = await openFirst(created, message);
    const interrupted = created.journal.interrupted().map((job) => job.title);
    started.resolve(created);
    toHost({ host: 'ready', interrupted, problem });
  };

  const openCase = async (path: string): Promise<void> => {
    const running = await started.promise;
    const sentence = await openFirst(running, { openCase: path, sample: null });
    if (sentence === null) return;
    toWindows({ kind: 'event', topic: 'engine', payload: { state: 'ready', sentence } });
  };

  const shutdown = async (): Promise<void> => {
    await engine?.close();
    channels.leave(0);
  };

  return {
    control: (data) => {
      const message = data as ControlMessage;
      switch (message.control) {
        case 'init':
          // What is thrown here is a bug: it ends the process as any other does.
          void init(message);
          break;
        case 'grant':
          if (engine === null) early.push(message);
          else engine.grants.grant(message.token, message.path, message.mode);
          toHost({ host: 'granted', token: message.token });
          break;
        case 'open':
          void openCase(message.path);
          break;
        case 'tell':
          toWindows({ kind: 'event', topic: 'engine', payload: message.event });
          break;
        // Told to whoever holds the ports.
        case 'window':
        case 'decoder':
        case 'decoder-ended':
          break;
        case 'shutdown':
          void shutdown();
          break;
      }
    },
    answer: async (message, reply) => {
      const answer = await dispatch(await started.promise, message);
      if (answer !== null) reply(answer);
    },
  };
}

/** Opens what the host names. Returns why it is not open, as a sentence. */
async function openFirst(
  engine: EngineInstance,
  message: { readonly openCase: string | null; readonly sample: string | null },
): Promise<string | null> {
  try {
    if (message.openCase !== null)
      await invoke(engine, 'case/open', { file: grantFile(engine.grants, message.openCase, 'read') });
    else if (message.sample !== null) await openSample(engine, message.sample);
    return null;
  } catch (error) {
    if (error instanceof BezoarError) return error.message;
    throw error;
  }
}
