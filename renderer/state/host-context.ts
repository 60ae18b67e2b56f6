import { createContext, useContext } from 'react';
import type { Host } from '../../electron/contract/host.ts';

let host: Host | null = null;

/** Set once by main.tsx before anything renders; commands and stores that live outside React use it. */
export function setCurrentHost(next: Host): void {
  host = next;
}

/** The window's host. @throws Error before {@link setCurrentHost} */
export function currentHost(): Host {
  if (host === null) throw new Error('The window has no host yet.');
  return host;
}

export const HostContext = createContext<Host | null>(null);

/** The window's host, inside React. */
export function useHost(): Host {
  const value = useContext(HostContext);
  if (value === null) throw new Error('HostContext has no value here.');
  return value;
}
