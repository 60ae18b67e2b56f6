import type { ControlMessage, EngineMessage, FromWindow, HostMessage } from '../contract/wire.ts';
import { createEngineProcess } from './engine-process.ts';
import { createAppDecoders } from './ingest/images/app-decoders.ts';

/** What of Electron's MessagePortMain the engine uses. */
interface WindowPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  start(): void;
  postMessage(message: unknown): void;
  close(): void;
}

/** What of `process.parentPort` of a utilityProcess the engine uses. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: WindowPort[] }) => void): void;
  postMessage(message: unknown): void;
}

function leave(code: number): void {
  process.exit(code);
}

/** In Electron: control over the parent port, the window over a port of its own. */
function serveParentPort(parent: ParentPort): void {
  let port: WindowPort | null = null;
  const toHost = (message: HostMessage): void => {
    parent.postMessage(message);
  };
  const decoders = createAppDecoders((request) => {
    parent.postMessage(request);
  });
  const engine = createEngineProcess({
    toHost,
    toWindows: (message) => port?.postMessage(message),
    leave,
    startDecoder: decoders.start,
  });
  stopOnBugs(toHost);
  parent.on('message', ({ data, ports }) => {
    const [offered] = ports;
    const told = data as ControlMessage;
    if (told.control === 'decoder' && offered !== undefined) {
      decoders.connected(told.decoder, offered);
      return;
    }
    if (told.control === 'decoder-ended') {
      decoders.ended(told.decoder, told.how);
      return;
    }
    if (offered === undefined) {
      engine.control(data);
      return;
    }
    port?.close();
    port = offered;
    offered.on('message', (event) => {
      void engine.answer(event.data, (reply) => {
        offered.postMessage(reply);
      });
    });
    offered.start();
  });
}

/** Forked by a host in plain Node: control and windows over one channel. */
function serveChannel(send: (message: unknown) => void): void {
  const toWindow = (window: number | null, message: EngineMessage): void => {
    send({ window, message });
  };
  const toHost = (message: HostMessage): void => {
    send(message);
  };
  const engine = createEngineProcess({
    toHost,
    toWindows: (message) => {
      toWindow(null, message);
    },
    leave,
  });
  stopOnBugs(toHost);
  process.on('message', (message: object) => {
    if ('control' in message) engine.control(message);
    else {
      const { window, message: request } = message as FromWindow;
      void engine.answer(request, (reply) => {
        toWindow(window, reply);
      });
    }
  });
  // Ctrl+C in a terminal reaches the whole group: the host decides, and says so over the channel.
  process.on('SIGINT', () => undefined);
  // The host is gone: nobody is left to answer.
  process.on('disconnect', () => {
    engine.control({ control: 'shutdown' });
  });
}

/** After an error nobody expected the state is unknown: end, and let the supervisor start afresh. */
function stopOnBugs(toHost: (message: HostMessage) => void): void {
  const stop = (error: unknown): void => {
    const line = `fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    process.stderr.write(`${line}\n`);
    toHost({ host: 'log', line });
    setTimeout(() => {
      leave(1);
    }, 50);
  };
  process.on('uncaughtException', stop);
  process.on('unhandledRejection', stop);
}

const { parentPort } = process as unknown as { parentPort?: ParentPort };
if (parentPort !== undefined) serveParentPort(parentPort);
else if (process.send !== undefined) {
  serveChannel((message) => {
    if (process.connected) process.send?.(message);
  });
} else {
  process.stderr.write(
    'This is Bezoar’s engine; it is started by the app, by serve or by the command line.\n',
  );
  process.exit(2);
}
