import type { DecoderRequest } from '../../../contract/wire.ts';
import type { DecodeReply, DecodeRequest, StartDecoder } from './decoder-process.ts';

/** What of Electron's MessagePortMain is used. */
interface AppPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  start(): void;
  postMessage(message: unknown): void;
}

/** Decoders that Electron's main process starts, since a utility process cannot. */
export interface AppDecoders {
  readonly start: StartDecoder;
  /** The port to a decoder that was asked for. */
  connected(decoder: number, port: AppPort): void;
  ended(decoder: number, how: string): void;
}

export function createAppDecoders(ask: (request: DecoderRequest) => void): AppDecoders {
  interface Waiting {
    port: AppPort | null;
    readonly early: DecodeRequest[];
    reply: (reply: DecodeReply) => void;
    exit: (how: string) => void;
  }
  const decoders = new Map<number, Waiting>();
  let counter = 0;
  return {
    start: () => {
      const decoder = (counter += 1);
      const waiting: Waiting = { port: null, early: [], reply: () => undefined, exit: () => undefined };
      decoders.set(decoder, waiting);
      ask({ host: 'start-decoder', decoder });
      return {
        send: (request) => {
          if (waiting.port === null) waiting.early.push(request);
          else waiting.port.postMessage(request);
        },
        onReply: (listener) => {
          waiting.reply = listener;
        },
        onExit: (listener) => {
          waiting.exit = listener;
        },
        kill: () => {
          ask({ host: 'end-decoder', decoder });
        },
      };
    },
    connected: (decoder, port) => {
      const waiting = decoders.get(decoder);
      if (waiting === undefined) return;
      waiting.port = port;
      port.on('message', ({ data }) => {
        waiting.reply(data as DecodeReply);
      });
      port.start();
      for (const request of waiting.early.splice(0)) port.postMessage(request);
    },
    ended: (decoder, how) => {
      decoders.get(decoder)?.exit(how);
      decoders.delete(decoder);
    },
  };
}
