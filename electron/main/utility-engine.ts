import type { MessagePortMain } from 'electron';
import { MessageChannelMain, utilityProcess } from 'electron';
import { dirname, join } from 'node:path';
import type { ControlMessage, DecoderRequest } from '../contract/wire.ts';
import type { EngineChild } from '../supervisor/supervisor.ts';

/** The engine as a utility process; a window speaks to it over a port of its own. */
export interface UtilityEngine extends EngineChild {
  handWindow(port: MessagePortMain): void;
}

/** @param entry path of the built engine; the image decoder lies beside it */
export function forkUtilityEngine(entry: string): UtilityEngine {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Bezoar engine', stdio: 'inherit' });
  const tell = (message: ControlMessage, ports: MessagePortMain[] = []): void => {
    child.postMessage(message, ports);
  };
  const decoders = new Map<number, { kill(): boolean }>();
  const startDecoder = (decoder: number): void => {
    const started = utilityProcess.fork(join(dirname(entry), 'image-decoder.js'), [], {
      serviceName: 'Bezoar image decoder',
      stdio: 'ignore',
    });
    decoders.set(decoder, started);
    const { port1, port2 } = new MessageChannelMain();
    started.postMessage({}, [port1]);
    tell({ control: 'decoder', decoder }, [port2]);
    started.once('exit', (code) => {
      decoders.delete(decoder);
      tell({ control: 'decoder-ended', decoder, how: `exit code ${code}` });
    });
  };
  child.on('message', (message: unknown) => {
    if (!asksForDecoder(message)) return;
    if (message.host === 'start-decoder') startDecoder(message.decoder);
    else decoders.get(message.decoder)?.kill();
  });
  child.once('exit', () => {
    for (const decoder of decoders.values()) decoder.kill();
  });
  return {
    send: (message) => {
      child.postMessage(message);
    },
    handWindow: (port) => {
      child.postMessage({ control: 'window' }, [port]);
    },
    onMessage: (listener) => {
      child.on('message', (message: unknown) => {
        if (!asksForDecoder(message)) listener(message);
      });
    },
    onExit: (listener) => {
      child.once('exit', (code) => {
        listener(`exit code ${code}`);
      });
    },
    kill: () => {
      child.kill();
    },
  };
}

function asksForDecoder(message: unknown): message is DecoderRequest {
  return (
    typeof message === 'object' &&
    message !== null &&
    'host' in message &&
    (message.host === 'start-decoder' || message.host === 'end-decoder')
  );
}
