import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as double from '../../test/fixtures/electron-double.ts';
import { channels } from '../contract/bridge.ts';
import { CONTENT_SECURITY_POLICY } from '../contract/content-security-policy.ts';
import { findWindowFile } from '../supervisor/window-files.ts';
import { parseAppArguments } from './arguments.ts';

vi.mock('electron', () => import('../../test/fixtures/electron-double.ts'));
vi.mock('../supervisor/window-files.ts', () => ({ findWindowFile: vi.fn() }));

let area = '';
const printed: string[] = [];

beforeAll(async () => {
  area = await mkdtemp(join(tmpdir(), 'bezoar-main-'));
  process.env.BEZOAR_USER_DATA = area;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  await import('./main.ts');
  double.app.readiness.resolve(undefined);
  await vi.waitFor(() => {
    expect(double.utilityProcess.forked).toHaveLength(1);
  });
});

afterAll(async () => {
  vi.restoreAllMocks();
  delete process.env.BEZOAR_USER_DATA;
  await rm(area, { recursive: true, force: true });
});

function theWindow(): double.BrowserWindow {
  const [window] = double.BrowserWindow.all;
  if (window === undefined) throw new Error('no window');
  return window;
}

function theEngine(): double.UtilityProcessDouble {
  const engine = double.utilityProcess.forked.at(-1);
  if (engine === undefined) throw new Error('no engine');
  return engine;
}

const ours = () => ({ sender: theWindow().webContents, senderFrame: theWindow().webContents.mainFrame });
const invoke = (event: unknown, channel: string, ...args: unknown[]): Promise<unknown> =>
  (double.ipcMain.handlers.get(channel) as (...all: unknown[]) => Promise<unknown>)(event, ...args);

describe('the window', () => {
  it('is sandboxed, isolated, without Node, and the only one', () => {
    expect(double.app.sandboxed).toBe(true);
    expect(double.BrowserWindow.all).toHaveLength(1);
    expect(theWindow().loaded).toEqual(['app://bezoar/']);
    expect(theWindow().options).toMatchObject({
      minWidth: 1280,
      minHeight: 800,
      webPreferences: {
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        webSecurity: true,
        webviewTag: false,
      },
    });
  });

  it('is denied navigation, redirects, webviews and further windows', () => {
    const { webContents } = theWindow();
    for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      const event = { preventDefault: vi.fn() };
      webContents.emit(name, event);
      expect(event.preventDefault).toHaveBeenCalledOnce();
    }
    expect(webContents.windowOpen()).toEqual({ action: 'deny' });
  });

  it('is granted no permission', () => {
    const { defaultSession } = double.session;
    const answer = vi.fn();
    (defaultSession.permissionRequest as (...args: unknown[]) => void)({}, 'geolocation', answer);
    expect(answer).toHaveBeenCalledExactlyOnceWith(false);
    expect(defaultSession.permissionCheck()).toBe(false);
    expect(defaultSession.devicePermission()).toBe(false);
  });

  it.each([
    ['app://bezoar/assets/a.js', false],
    ['blob:app://bezoar/1', false],
    ['data:image/png;base64,', false],
    ['https://example.org/', true],
    ['http://127.0.0.1/', true],
    ['file:///etc/passwd', true],
    ['app://other/', true],
    ['app://bezoar.example/', true],
  ])('may load %s: refused %s', (url, cancel) => {
    const answer = vi.fn();
    (double.session.defaultSession.beforeRequest as (...args: unknown[]) => void)({ url }, answer);
    expect(answer).toHaveBeenCalledWith({ cancel });
  });
});

describe('the protocol', () => {
  const fetch = (url: string, method = 'GET'): Promise<Response> => {
    const handler = double.protocol.handlers.get('app');
    if (handler === undefined) throw new Error('no protocol');
    return handler({ url, method } as Request);
  };

  it('serves the window with the policy', async () => {
    const path = join(area, 'index.html');
    await writeFile(path, '<!doctype html>');
    vi.mocked(findWindowFile).mockResolvedValueOnce({ path, type: 'text/html', size: 15 });
    const response = await fetch('app://bezoar/');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe('<!doctype html>');
  });

  it('answers 404 to another host, another method and what is not there', async () => {
    vi.mocked(findWindowFile).mockResolvedValue(null);
    expect((await fetch('app://elsewhere/')).status).toBe(404);
    expect((await fetch('app://bezoar/', 'POST')).status).toBe(404);
    expect((await fetch('app://bezoar/none.js')).status).toBe(404);
  });
});

describe('the bridge', () => {
  it('refuses whoever is not the top frame of the window', async () => {
    const foreign = [
      { ...ours(), sender: {} },
      { ...ours(), senderFrame: { url: 'app://bezoar/' } },
      { ...ours(), senderFrame: null },
    ];
    for (const event of foreign) {
      await expect(invoke(event, channels.acquireFiles, 'evidence')).rejects.toThrow('refused');
      double.ipcMain.emit(channels.setTitle, event, 'taken over');
    }
    expect(theWindow().title).toBe('');
    const { mainFrame } = theWindow().webContents;
    mainFrame.url = 'https://example.org/';
    await expect(invoke(ours(), channels.acquireFiles, 'evidence')).rejects.toThrow('refused');
    mainFrame.url = 'app://bezoar/';
  });

  it('grants dropped files and folders to the engine and leaves out what is none', async () => {
    const path = join(area, 'a.npy');
    await writeFile(path, 'array');
    const granted = await invoke(ours(), channels.grantPaths, [
      area,
      path,
      'relative.npy',
      join(area, 'none'),
    ]);
    const token = expect.any(String) as string;
    expect(granted).toMatchObject([
      { token, name: basename(area) },
      { token, name: 'a.npy', size: 5 },
    ]);
    const [, file] = granted as [unknown, { token: string }];
    expect(theEngine().sent.at(-1)?.message).toEqual({
      control: 'grant',
      token: file.token,
      path,
      mode: 'read',
    });
  });

  it('asks where to save and grants that file for writing', async () => {
    const request = { purpose: 'case', suggestedName: 'Harbour' };
    expect(await invoke(ours(), channels.saveFile, request)).toBeNull();
    double.dialog.save = { canceled: false, filePath: join(area, 'Harbour') };
    expect(await invoke(ours(), channels.saveFile, request)).toMatchObject({ name: 'Harbour.bezoar' });
    expect(theEngine().sent.at(-1)?.message).toMatchObject({
      path: join(area, 'Harbour.bezoar'),
      mode: 'write',
    });
  });

  it('opens nothing when the dialog is cancelled, and only knows its two purposes', async () => {
    expect(await invoke(ours(), channels.acquireFiles, 'evidence')).toEqual([]);
    await expect(invoke(ours(), channels.acquireFiles, 'anything')).rejects.toThrow();
  });

  it('names the window and notifies', () => {
    double.ipcMain.emit(channels.setTitle, ours(), 'Harbour');
    double.ipcMain.emit(channels.notify, ours(), 'Scan done', '3 classes');
    expect(theWindow().title).toBe('Harbour');
    expect(double.Notification.shown).toEqual([{ title: 'Scan done', body: '3 classes' }]);
  });
});

describe('the engine', () => {
  it('gets a port when the page listens, and the page the other end', () => {
    double.ipcMain.emit(channels.ready, ours());
    expect(theEngine().sent.at(-1)).toEqual({ message: { control: 'window' }, ports: [{ side: 'engine' }] });
    expect(theWindow().webContents.posted).toEqual([{ channel: channels.port, ports: [{ side: 'page' }] }]);
    expect(printed).toContain('bezoar: window ready\n');
  });

  it('is started again when it dies, with its case, and the page gets a new port and a sentence', () => {
    const first = theEngine();
    first.emit('message', { host: 'case', path: '/cases/harbour.bezoar', name: 'Harbour' });
    expect(double.app.recent).toEqual(['/cases/harbour.bezoar']);
    first.emit('exit', 9);
    const second = theEngine();
    expect(second).not.toBe(first);
    const messages = second.sent.map(({ message }) => message as Record<string, unknown>);
    expect(messages.find(({ control }) => control === 'init')).toMatchObject({
      openCase: '/cases/harbour.bezoar',
    });
    expect(messages.at(-1)).toEqual({ control: 'window' });
    expect(theWindow().webContents.posted).toHaveLength(2);
    second.emit('message', { host: 'ready', interrupted: ['Import'], problem: null });
    expect(second.sent.at(-1)?.message).toMatchObject({ control: 'tell', event: { state: 'ready' } });
  });

  it('opens a case that the desktop hands over', () => {
    double.app.emit('open-file', { preventDefault: () => undefined }, '/cases/other.bezoar');
    expect(theEngine().sent.at(-1)?.message).toEqual({ control: 'open', path: '/cases/other.bezoar' });
    double.app.emit('second-instance', {}, ['bezoar', '--no-sandbox', 'third.bezoar'], '/cases');
    expect(theEngine().sent.at(-1)?.message).toEqual({ control: 'open', path: '/cases/third.bezoar' });
  });

  it('has image decoders started for it, and told when they end', () => {
    const engine = theEngine();
    engine.emit('message', { host: 'start-decoder', decoder: 7 });
    const decoder = double.utilityProcess.forked.pop();
    expect(decoder).not.toBe(engine);
    expect(decoder?.sent).toEqual([{ message: {}, ports: [{ side: 'engine' }] }]);
    expect(engine.sent.at(-1)).toEqual({
      message: { control: 'decoder', decoder: 7 },
      ports: [{ side: 'page' }],
    });
    engine.emit('message', { host: 'end-decoder', decoder: 8 });
    expect(engine.sent.at(-1)?.message).toMatchObject({ control: 'decoder' });
    engine.emit('message', { host: 'end-decoder', decoder: 7 });
    expect(engine.sent.at(-1)?.message).toEqual({
      control: 'decoder-ended',
      decoder: 7,
      how: 'exit code 1',
    });
  });

  it('loads a window again that died, but not twice in a row', () => {
    const { webContents } = theWindow();
    const quit = vi.spyOn(double.app, 'quit').mockImplementation(() => undefined);
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(theWindow().reloads).toBe(1);
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(theWindow().reloads).toBe(1);
    expect(quit).toHaveBeenCalledOnce();
    quit.mockRestore();
  });

  it('is ended before the app leaves', async () => {
    double.app.emit('window-all-closed');
    await vi.waitFor(() => {
      expect(double.app.exitCode).toBe(0);
    });
    expect(theEngine().sent.at(-1)?.message).toEqual({ control: 'shutdown' });
  });
});

describe('parseAppArguments', () => {
  it('finds the sample folder and the case among switches', () => {
    expect(parseAppArguments(['--no-sandbox', '.', '--open-sample', 'sample'], '/start')).toEqual({
      openCase: null,
      sample: '/start/sample',
    });
    expect(parseAppArguments(['--inspect', '/cases/a.bezoar'], '/start')).toEqual({
      openCase: '/cases/a.bezoar',
      sample: null,
    });
  });
});
