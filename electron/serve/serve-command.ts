import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BezoarError } from '../contract/errors.ts';
import { engineNamed } from '../engine/kernel-engines.ts';
import { openLogFile } from '../supervisor/log-file.ts';
import { startServeHost } from './serve-host.ts';
import { userDataFolder } from '../supervisor/user-data.ts';

export const SERVE_USAGE =
  'serve [CASE.bezoar] [--port N] [--root FOLDER] [--open-sample FOLDER] [--threads N] [--engine NAME] [--exit-when-closed]';

/** A reload closes and opens the window's socket: so long a window may be away. */
const AWAY_MS = 5_000;

interface ServeArguments {
  readonly port: number;
  readonly threads: number;
  readonly kernels: string | null;
  readonly root: string;
  readonly openCase: string | null;
  readonly sample: string | null;
  readonly exitWhenClosed: boolean;
}

/** @throws BezoarError usage */
export function parseServeArguments(argv: readonly string[]): ServeArguments {
  const { values, positionals } = readArguments(argv);
  if (positionals.length > 1)
    throw new BezoarError('usage', `serve opens one case at a time. ${SERVE_USAGE}`);
  const [named] = positionals;
  if (named !== undefined && values['open-sample'] !== undefined)
    throw new BezoarError('usage', 'Name a case or --open-sample, not both.');
  if (named !== undefined && !existsSync(named))
    throw new BezoarError('usage', `There is no file ${named}. Check its name.`);
  return {
    port: wholeNumber('--port', values.port, 0, 65_535),
    threads: wholeNumber('--threads', values.threads, 0, 1024),
    kernels: values.engine === undefined ? null : engineNamed(values.engine),
    root: resolve(values.root ?? '.'),
    openCase: named === undefined ? null : resolve(named),
    sample: values['open-sample'] === undefined ? null : resolve(values['open-sample']),
    exitWhenClosed: values['exit-when-closed'] ?? false,
  };
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        threads: { type: 'string' },
        engine: { type: 'string' },
        root: { type: 'string' },
        'open-sample': { type: 'string' },
        'exit-when-closed': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message} Usage: ${SERVE_USAGE}`);
  }
}

function wholeNumber(name: string, text: string | undefined, least: number, most: number): number {
  if (text === undefined) return 0;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new BezoarError('usage', `${name} is a whole number from ${least} to ${most}, not “${text}”.`);
  return value;
}

/**
 * Serves until it is asked to end, or until the last window is gone where `--exit-when-closed` says so. Prints one line
 * `{"url": ...}` on standard output.
 * @throws BezoarError usage
 */
export async function serveCommand(argv: readonly string[]): Promise<void> {
  const args = parseServeArguments(argv);
  const userData = userDataFolder();
  const ended = Promise.withResolvers<undefined>();
  let away: NodeJS.Timeout | undefined;

  const host = await startServeHost({
    ...args,
    userData,
    rendererRoot: join(import.meta.dirname, '..', 'renderer'),
    log: openLogFile(userData),
    onWindows: (count) => {
      clearTimeout(away);
      if (args.exitWhenClosed && count === 0)
        away = setTimeout(() => {
          ended.resolve(undefined);
        }, AWAY_MS);
    },
  });
  process.stdout.write(`${JSON.stringify({ url: host.url })}\n`);
  if (process.stderr.isTTY)
    process.stderr.write('Open this address in a browser; it opens one window. Ctrl+C ends Bezoar.\n');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), ended.promise]);
  await host.close();
}
