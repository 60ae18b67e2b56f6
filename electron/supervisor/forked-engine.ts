import { fork } from 'node:child_process';
import type { EngineChild } from './supervisor.ts';

/** The engine as a child of plain Node; its errors go to our standard error. */
export interface ForkedEngine extends EngineChild {
  readonly pid: number | undefined;
}

/** @param entry path of the engine's entry module */
export function forkEngine(entry: string): ForkedEngine {
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
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
    pid: child.pid,
    send: (message) => {
      // A message that meets a process just gone is lost with it; its exit is told apart.
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      exits.push(listener);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
