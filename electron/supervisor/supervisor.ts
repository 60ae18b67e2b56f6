import type { EventOf } from '../contract/events.ts';
import type { ControlMessage, HostMessage, ToWindow } from '../contract/wire.ts';

/** The engine's process as a host starts it. */
export interface EngineChild {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the process is gone; `how` is for the log. */
  onExit(listener: (how: string) => void): void;
  kill(): void;
}

export interface SupervisorOptions<Child extends EngineChild> {
  readonly spawn: () => Child;
  readonly userData: string;
  readonly threads: number;
  /** The engine of the kernels; null: as the settings say. */
  readonly kernels: string | null;
  readonly openCase: string | null;
  readonly sample: string | null;
  /** The engine was lost or answers again. */
  readonly onEngine: (event: EventOf<'engine'>) => void;
  /** A process is up and has been told what to open; windows are handed to it here. */
  readonly onStarted: (child: Child) => void;
  /** What the engine says to its windows, where it speaks through this channel. */
  readonly onWindowMessage: (message: ToWindow) => void;
  /** Another case is open. */
  readonly onCase?: (path: string) => void;
  /** The engine died too often and stays down. */
  readonly onGivenUp?: (sentence: string) => void;
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

export interface Supervisor {
  start(): void;
  /** The state that a new window is told; null before the first `ready`. */
  lastEvent(): EventOf<'engine'> | null;
  openCase(): { readonly path: string; readonly name: string } | null;
  /** Lets the engine touch a file; repeated to every later process. Resolves when it knows. */
  grant(token: string, path: string, mode: 'read' | 'write'): Promise<void>;
  /** False while no engine is up: the message is not kept. */
  send(message: unknown): boolean;
  /** Ends the engine, politely first. Resolves when it is gone. */
  stop(): Promise<void>;
}

const MAX_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;
const POLITE_STOP_MS = 5_000;

const GIVEN_UP =
  'Bezoar’s engine stopped again and again and was not restarted. Everything decided so far is in the case file. Close Bezoar and start it again.';

/**
 * Keeps one engine process alive: starts it, says when it is lost, starts it again with the open case and the granted
 * files, and gives up after five deaths within a minute.
 */
export function createSupervisor<Child extends EngineChild>(options: SupervisorOptions<Child>): Supervisor {
  const now = options.now ?? Date.now;
  const grants = new Map<string, { path: string; mode: 'read' | 'write' }>();
  const unacknowledged = new Map<string, () => void>();
  let child: Child | null = null;
  let open = options.openCase === null ? null : { path: options.openCase, name: '' };
  let sample = options.sample;
  let last: EventOf<'engine'> | null = null;
  let deaths: number[] = [];
  let stopping = false;
  let gone: () => void = () => undefined;

  const tell = (state: 'ready' | 'lost', sentence: string): void => {
    last = { state, sentence };
    options.onEngine(last);
  };

  const start = (): void => {
    const started = options.spawn();
    child = started;
    started.onMessage((message) => {
      if (child === started) receive(message);
    });
    started.onExit((how) => {
      if (child !== started) return;
      child = null;
      ended(how);
    });
    for (const [token, entry] of grants) control({ control: 'grant', token, ...entry });
    control({
      control: 'init',
      userData: options.userData,
      threads: options.threads,
      kernels: options.kernels,
      openCase: open?.path ?? null,
      sample: open === null ? sample : null,
    });
    options.onStarted(started);
  };

  const control = (message: ControlMessage): void => {
    child?.send(message);
  };

  const receive = (message: unknown): void => {
    if (isHostMessage(message)) {
      switch (message.host) {
        case 'ready':
          tell('ready', readySentence(message));
          break;
        case 'case':
          open = message.path === null ? null : { path: message.path, name: message.name ?? '' };
          sample = null;
          if (message.path !== null) options.onCase?.(message.path);
          break;
        case 'granted':
          unacknowledged.get(message.token)?.();
          unacknowledged.delete(message.token);
          break;
        case 'log':
          options.log(message.line);
          break;
      }
    } else options.onWindowMessage(message as ToWindow);
  };

  const readySentence = (ready: HostMessage & { host: 'ready' }): string => {
    if (ready.problem !== null) return ready.problem;
    if (last === null || deaths.length === 0) return '';
    const reopened =
      open === null
        ? 'Bezoar’s engine is running again. No case was open.'
        : `Bezoar’s engine is running again and ${open.name === '' ? 'the case' : `“${open.name}”`} is open at its last saved state.`;
    if (ready.interrupted.length === 0) return `${reopened} No job was under way.`;
    const jobs = ready.interrupted.map((title) => `“${title}”`).join(', ');
    return `${reopened} Interrupted, and nothing of it kept: ${jobs}. Run it again from the jobs list.`;
  };

  const ended = (how: string): void => {
    options.log(`engine ended: ${how}`);
    for (const resolve of unacknowledged.values()) resolve();
    unacknowledged.clear();
    if (stopping) {
      gone();
      return;
    }
    deaths = [...deaths.filter((at) => now() - at < RESTART_WINDOW_MS), now()];
    if (deaths.length > MAX_RESTARTS) {
      tell('lost', GIVEN_UP);
      options.onGivenUp?.(GIVEN_UP);
      return;
    }
    tell(
      'lost',
      'Bezoar’s engine stopped unexpectedly and is being restarted. Everything decided so far is in the case file.',
    );
    start();
  };

  return {
    start,
    lastEvent: () => last,
    openCase: () => open,
    grant: (token, path, mode) => {
      grants.set(token, { path, mode });
      // The next process is told before anything else.
      if (child === null) return Promise.resolve();
      return new Promise((resolve) => {
        unacknowledged.set(token, resolve);
        control({ control: 'grant', token, path, mode });
      });
    },
    send: (message) => {
      child?.send(message);
      return child !== null;
    },
    stop: () => {
      stopping = true;
      const leaving = child;
      if (leaving === null) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          leaving.kill();
        }, POLITE_STOP_MS);
        gone = () => {
          clearTimeout(timer);
          resolve();
        };
        control({ control: 'shutdown' });
      });
    },
  };
}

function isHostMessage(message: unknown): message is HostMessage {
  return typeof message === 'object' && message !== null && 'host' in message;
}
