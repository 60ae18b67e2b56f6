import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DecodedImage, ImageToDecode } from './decode-image.ts';

export interface DecodeRequest {
  readonly id: number;
  readonly images: readonly ImageToDecode[];
}

export interface DecodeReply {
  readonly id: number;
  readonly images: readonly DecodedImage[];
}

/** A process that decodes images and may die of one. */
export interface DecoderProcess {
  send(request: DecodeRequest): void;
  onReply(listener: (reply: DecodeReply) => void): void;
  /** Called once, when the process is gone; `how` is for people. */
  onExit(listener: (how: string) => void): void;
  kill(): void;
}

export type StartDecoder = () => DecoderProcess;

/** The decoder as a child of plain Node. */
export const forkDecoder: StartDecoder = () => {
  const built = join(import.meta.dirname, 'image-decoder.js');
  const fromSource = !existsSync(built);
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const child = fork(fromSource ? join(import.meta.dirname, 'image-decoder.ts') : built, [], {
    serialization: 'advanced',
    // What a native library writes to its standard error is nothing for people.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: fromSource && !strips ? ['--experimental-strip-types'] : [],
  });
  let over = false;
  const exits: ((how: string) => void)[] = [];
  const end = (how: string): void => {
    if (over) return;
    over = true;
    for (const listener of exits) listener(how);
  };
  child.on('exit', (code, signal) => {
    end(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`);
  });
  child.on('error', (error) => {
    if (child.pid === undefined) end(error.message);
  });
  return {
    send: (request) => {
      // A request that meets a process just gone is lost with it; its exit is told apart.
      if (child.connected) child.send(request, () => undefined);
    },
    onReply: (listener) => {
      child.on('message', (reply) => {
        listener(reply as DecodeReply);
      });
    },
    onExit: (listener) => {
      exits.push(listener);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};
