import type { MessagePortMain } from 'electron';
import { utilityProcess } from 'electron';
import type { EngineChild } from '../supervisor/supervisor.ts';

/** The engine as a utility process; a window speaks to it over a port of its own. */
export interface UtilityEngine extends EngineChild {
  handWindow(port: MessagePortMain): void;
}

/** @param entry path of the built engine */
export function forkUtilityEngine(entry: string): UtilityEngine {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Bezoar engine', stdio: 'inherit' });
  return {
    send: (message) => {
      child.postMessage(message);
    },
    handWindow: (port) => {
      child.postMessage({ control: 'window' }, [port]);
    },
    onMessage: (listener) => {
      child.on('message', listener);
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
