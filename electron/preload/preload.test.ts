import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as double from '../../test/fixtures/electron-double.ts';
import { BRIDGE_NAME, PORT_MESSAGE_TYPE, channels } from '../contract/bridge.ts';

vi.mock('electron', () => import('../../test/fixtures/electron-double.ts'));

const postMessage = vi.fn();

beforeAll(async () => {
  vi.stubGlobal('window', { postMessage, location: { origin: 'app://bezoar' } });
  await import('./preload.ts');
});

describe('the preload', () => {
  const bridge = () => double.contextBridge.exposed.get(BRIDGE_NAME) ?? {};

  it('exposes functions and nothing else', () => {
    expect([...double.contextBridge.exposed.keys()]).toEqual([BRIDGE_NAME]);
    expect(Object.values(bridge()).every((member) => typeof member === 'function')).toBe(true);
    expect(Object.keys(bridge()).sort()).toEqual([
      'acquireFiles',
      'grantDropped',
      'notify',
      'ready',
      'saveFile',
      'setTitle',
    ]);
  });

  it('turns dropped files into paths, without those that have none', async () => {
    const drop = bridge().grantDropped as (files: unknown[]) => Promise<unknown>;
    await drop([{ name: 'a.npy', path: '/data/a.npy' }, { name: 'made in the page' }]);
    expect(double.ipcRenderer.invoked).toEqual([[channels.grantPaths, ['/data/a.npy']]]);
  });

  it('hands the port over to its own page', () => {
    const port = { side: 'page' };
    double.ipcRenderer.emit(channels.port, { ports: [port] });
    expect(postMessage).toHaveBeenCalledExactlyOnceWith({ type: PORT_MESSAGE_TYPE }, 'app://bezoar', [port]);
  });
});
