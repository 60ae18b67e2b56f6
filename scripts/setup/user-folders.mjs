import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Folder of things that can be fetched again: Node, Electron.
 * @param {NodeJS.Platform} [platform]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function cacheFolder(platform = process.platform, env = process.env) {
  if (platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'bezoar', 'cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'bezoar');
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bezoar');
}

/**
 * Folder of what belongs to the person, the same as the application's own: the working copy of the sample
 * incident and its results. BEZOAR_USER_DATA names another one.
 * @param {NodeJS.Platform} [platform]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function dataFolder(platform = process.platform, env = process.env) {
  if (env.BEZOAR_USER_DATA) return env.BEZOAR_USER_DATA;
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'bezoar');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'bezoar');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'bezoar');
}
