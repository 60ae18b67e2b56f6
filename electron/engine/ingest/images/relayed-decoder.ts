import type { MessagePort } from 'node:worker_threads';
import type { DecodeReply, DecodeRequest, DecoderProcess, StartDecoder } from './decoder-process.ts';

/** An import worker cannot start processes everywhere, so the engine does it: what goes between the two. */
type Ask =
  | { readonly ask: 'start'; readonly decoder: number }
  | { readonly ask: 'decode'; readonly decoder: number; readonly request: DecodeRequest }
  | { readonly ask: 'kill'; readonly decoder: number };
type Tell =
  | { readonly tell: 'reply'; readonly decoder: number; readonly reply: DecodeReply }
  | { readonly tell: 'exit'; readonly decoder: number; readonly how: string };

/** In the engine: starts and feeds decoders as the worker asks over the port; the returned function ends them all. */
export function serveDecoders(port: MessagePort, start: StartDecoder): () => void {
  const running = new Map<number, DecoderProcess>();
  port.on('message', (message: Ask) => {
    const { decoder } = message;
    const tell = (told: Tell): void => {
      port.postMessage(told);
    };
    switch (message.ask) {
      case 'start': {
        const child = start();
        running.set(decoder, child);
        child.onReply((reply) => {
          tell({ tell: 'reply', decoder, reply });
        });
        child.onExit((how) => {
          running.delete(decoder);
          tell({ tell: 'exit', decoder, how });
        });
        break;
      }
      case 'decode':
        running.get(decoder)?.send(message.request);
        break;
      case 'kill':
        running.get(decoder)?.kill();
        break;
    }
  });
  return () => {
    port.close();
    for (const child of running.values()) child.kill();
  };
}

/** In the import worker: decoders that the engine starts, told over the port. */
export function askForDecoders(port: MessagePort): StartDecoder {
  const replies = new Map<number, (reply: DecodeReply) => void>();
  const exits = new Map<number, (how: string) => void>();
  let counter = 0;
  port.on('message', (message: Tell) => {
    if (message.tell === 'reply') replies.get(message.decoder)?.(message.reply);
    else exits.get(message.decoder)?.(message.how);
  });
  // An open port must not keep a worker alive that has nothing left to read.
  port.unref();
  return () => {
    const decoder = (counter += 1);
    const ask = (message: Ask): void => {
      port.postMessage(message);
    };
    ask({ ask: 'start', decoder });
    return {
      send: (request) => {
        ask({ ask: 'decode', decoder, request });
      },
      onReply: (listener) => {
        replies.set(decoder, listener);
      },
      onExit: (listener) => {
        exits.set(decoder, listener);
      },
      kill: () => {
        ask({ ask: 'kill', decoder });
      },
    };
  };
}
