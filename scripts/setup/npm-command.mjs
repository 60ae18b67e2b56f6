import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { PlainError } from './steps.mjs';

/**
 * The npm that runs us, or the one on PATH, as arguments for the chosen Node: an npm under an older Node
 * picks other versions than the lock was made with.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} the path of npm's own script
 */
export function npmScript(env = process.env) {
  const running = env.npm_execpath;
  if (running !== undefined && /npm-cli\.[cm]?js$/.test(running) && existsSync(running)) return running;
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    for (const candidate of [join(folder, 'npm'), join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')]) {
      if (!existsSync(candidate)) continue;
      const script = realpathSync(candidate);
      if (/\.[cm]?js$/.test(script)) return script;
    }
  }
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (existsSync(beside)) return beside;
  throw new PlainError(
    'npm was not found on the PATH. It comes with Node: install Node 20 or newer with its npm.',
  );
}

/**
 * The environment in which a tool finds the chosen Node first.
 * @param {string} node path of the Node program
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(node) {
  const env = { ...process.env };
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  env[name] = [dirname(node), env[name] ?? ''].join(delimiter);
  return env;
}
