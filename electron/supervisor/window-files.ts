import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** Kinds of file the window consists of; nothing else is handed out. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * The file inside `root` that a URL path names; null when there is none, its kind is unknown, or it lies outside,
 * by `..`, by an encoded slash or by a link.
 */
export async function findWindowFile(
  root: string,
  urlPath: string,
): Promise<{ path: string; type: string; size: number } | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  const parts = decoded.split('/').filter((part) => part !== '');
  if (parts.some((part) => part === '..' || part === '.' || /[\\\0:]/.test(part))) return null;
  const named = parts.length === 0 ? 'index.html' : join(...parts);
  const type = TYPES[extname(named).toLowerCase()];
  if (type === undefined) return null;
  try {
    const base = await realpath(root);
    const path = await realpath(join(base, named));
    if (!path.startsWith(base + sep)) return null;
    const info = await stat(path);
    return info.isFile() ? { path, type, size: info.size } : null;
  } catch {
    return null;
  }
}
