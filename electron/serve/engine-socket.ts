import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { SOCKET_PATH, SOCKET_PROTOCOL } from '../contract/serve-api.ts';
import type { EngineMessage, FromWindow, ToWindow } from '../contract/wire.ts';
import { bulkFrame } from './bulk-frame.ts';
import type { Session } from './session.ts';

/** The largest message of a window: a verdict on two million rows. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

export interface EngineSocketOptions {
  readonly server: Server;
  readonly session: Session;
  /** False while no engine is up: the window is told so. */
  readonly send: (message: FromWindow) => boolean;
  /** What a window that connects is told first. */
  readonly greeting: () => EngineMessage | null;
  /** Called with the number of windows whenever it changes. */
  readonly onWindows: (count: number) => void;
}

export interface EngineSocket {
  /** From the engine to one window or to all. */
  deliver(message: ToWindow): void;
  /** Answers what is under way with `engine/lost`. */
  lost(): void;
  close(): void;
}

/** One WebSocket a window, at {@link SOCKET_PATH}; refused before the upgrade when it is not ours. */
export function attachEngineSocket(options: EngineSocketOptions): EngineSocket {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SOCKET_PROTOCOL,
  });
  const windows = new Map<number, { socket: WebSocket; pending: Set<number> }>();
  let counter = 0;

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // Node hands the bare connection over without a listener: a peer that resets it must not end the host.
    stream.on('error', () => stream.destroy());
    if (request.url !== SOCKET_PATH || !options.session.mayConnect(request.headers)) {
      stream.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', () =>
        stream.destroy(),
      );
      return;
    }
    sockets.handleUpgrade(request, stream, head, welcome);
  };

  const welcome = (socket: WebSocket): void => {
    counter += 1;
    const window = counter;
    const pending = new Set<number>();
    windows.set(window, { socket, pending });
    options.onWindows(windows.size);
    const greeting = options.greeting();
    if (greeting !== null) post(socket, greeting);
    socket.on('message', (data, binary) => {
      const message = binary ? null : parse((data as Buffer).toString('utf8'));
      if (message === null) {
        socket.close(1003);
        return;
      }
      const id = idOf(message);
      if (id !== null) pending.add(id);
      let taken: boolean;
      try {
        taken = options.send({ window, message });
      } catch {
        // Nested deeper than can be handed from process to process; no page of ours asks for that.
        socket.close(1003);
        return;
      }
      if (!taken && id !== null) {
        pending.delete(id);
        post(socket, lostFailure(id));
      }
    });
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('close', () => {
      windows.delete(window);
      options.onWindows(windows.size);
    });
  };

  options.server.on('upgrade', upgrade);
  return {
    deliver: ({ window, message }) => {
      for (const [id, { socket, pending }] of windows) {
        if (window !== null && window !== id) continue;
        if (message.kind !== 'event') pending.delete(message.id);
        post(socket, message);
      }
    },
    lost: () => {
      for (const { socket, pending } of windows.values()) {
        for (const id of pending) post(socket, lostFailure(id));
        pending.clear();
      }
    },
    close: () => {
      for (const { socket } of windows.values()) socket.close(1001);
      sockets.close();
    },
  };
}

function post(socket: WebSocket, message: EngineMessage): void {
  if (message.kind === 'bulk-page') socket.send(bulkFrame(message));
  else socket.send(JSON.stringify(message));
}

function lostFailure(id: number): EngineMessage {
  return {
    kind: 'failure',
    id,
    failure: {
      code: 'engine/lost',
      sentence: 'Bezoar’s engine stopped while this was asked. It is being restarted. Try again in a moment.',
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function idOf(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  return typeof message.id === 'number' ? message.id : null;
}
