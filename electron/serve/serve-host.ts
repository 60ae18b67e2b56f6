import type { EngineMessage } from '../contract/wire.ts';
import { engineEntryPath } from '../engine/entry-path.ts';
import type { ForkedEngine } from '../supervisor/forked-engine.ts';
import { forkEngine } from '../supervisor/forked-engine.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { attachEngineSocket } from './engine-socket.ts';
import { openServedFolder } from './folder.ts';
import { answerRequests, listen } from './http-server.ts';
import { createSession } from './session.ts';
import { MAX_UPLOAD_BYTES, openStaging } from './staging.ts';

export interface ServeOptions {
  readonly userData: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly threads: number;
  readonly kernels: string | null;
  /** The folder that the window's file picker shows. */
  readonly root: string;
  readonly openCase: string | null;
  readonly sample: string | null;
  readonly log: (line: string) => void;
  readonly onWindows?: (count: number) => void;
  /** Folder of the built window. */
  readonly rendererRoot: string;
  /** For tests: a smaller limit. */
  readonly maxUploadBytes?: number;
}

export interface ServeHost {
  readonly port: number;
  /** With the token that opens one window. */
  readonly url: string;
  enginePid(): number | undefined;
  close(): Promise<void>;
}

/** The window and the engine without Electron, on 127.0.0.1. */
export async function startServeHost(options: ServeOptions): Promise<ServeHost> {
  const folder = await openServedFolder(options.root);
  const { server, port } = await listen(options.port);
  const staging = await openStaging(options.userData, options.maxUploadBytes ?? MAX_UPLOAD_BYTES);
  const session = createSession(port);
  let engine: ForkedEngine | null = null;

  const supervisor = createSupervisor<ForkedEngine>({
    spawn: () => forkEngine(engineEntryPath()),
    userData: options.userData,
    threads: options.threads,
    kernels: options.kernels,
    openCase: options.openCase,
    sample: options.sample,
    onEngine: (event) => {
      if (event.state === 'lost') socket.lost();
      socket.deliver({ window: null, message: { kind: 'event', topic: 'engine', payload: event } });
    },
    onStarted: (child) => {
      engine = child;
    },
    onWindowMessage: (message) => {
      socket.deliver(message);
    },
    log: options.log,
  });
  const socket = attachEngineSocket({
    server,
    session,
    send: (message) => supervisor.send(message),
    greeting: (): EngineMessage | null => {
      const event = supervisor.lastEvent();
      return event === null ? null : { kind: 'event', topic: 'engine', payload: event };
    },
    onWindows: (count) => options.onWindows?.(count),
  });
  answerRequests(server, session, {
    rendererRoot: options.rendererRoot,
    folder,
    staging,
    grant: (token, path, mode) => supervisor.grant(token, path, mode),
    log: options.log,
  });
  supervisor.start();

  return {
    port,
    url: `http://127.0.0.1:${port}/?token=${session.startToken}`,
    enginePid: () => engine?.pid,
    close: async () => {
      socket.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await supervisor.stop();
      await closed;
      await staging.close();
    },
  };
}
