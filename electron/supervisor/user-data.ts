import { homedir } from 'node:os';
import { join } from 'node:path';

/** The person's folder for what outlives a session: recent cases, the log. BEZOAR_USER_DATA names another one. */
export function userDataFolder(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const named = env.BEZOAR_USER_DATA;
  if (named !== undefined && named !== '') return named;
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'bezoar');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'bezoar');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'bezoar');
}
