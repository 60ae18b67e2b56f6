import { MessageChannelMain, app, dialog, session } from 'electron';
import type { BrowserWindow } from 'electron';
import { join } from 'node:path';
import { channels } from '../contract/bridge.ts';
import { openLogFile } from '../supervisor/log-file.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { userDataFolder } from '../supervisor/user-data.ts';
import { declareProtocol, serveProtocol } from './app-protocol.ts';
import { parseAppArguments } from './arguments.ts';
import { answerBridge } from './bridge-ipc.ts';
import { createMainWindow } from './main-window.ts';
import { setMenu } from './menu.ts';
import type { UtilityEngine } from './utility-engine.ts';
import { forkUtilityEngine } from './utility-engine.ts';
import { closeContents, closeSession } from './walls.ts';

/** A window that dies twice within this time is not loaded again. */
const CRASH_LOOP_MS = 10_000;

const here = import.meta.dirname;
const userData = userDataFolder();
const log = openLogFile(userData);
const named = parseAppArguments(process.argv.slice(1), process.cwd());

let window: BrowserWindow | null = null;
let engine: UtilityEngine | null = null;
let pageListens = false;
let crashedAtMs = 0;
/** A case opened from the desktop before the engine was started. */
let openFirst = named.openCase;

declareProtocol();
// As root Chromium starts with --no-sandbox alone; the window asks for its own sandbox in any case.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
closeContents();

/** Gives the page a fresh port to the engine that runs now. */
function connectWindow(): void {
  if (window === null || engine === null || !pageListens) return;
  const { port1, port2 } = new MessageChannelMain();
  engine.handWindow(port1);
  window.webContents.postMessage(channels.port, null, [port2]);
}

function start(): void {
  setMenu();
  closeSession(session.defaultSession);
  serveProtocol(join(here, '..', 'renderer'));

  const supervisor = createSupervisor<UtilityEngine>({
    spawn: () => forkUtilityEngine(join(here, 'engine.js')),
    userData,
    threads: 0,
    kernels: null,
    openCase: openFirst,
    sample: named.sample,
    onEngine: (event) => {
      // A lost engine shows itself: its port closes.
      if (event.state === 'ready') supervisor.send({ control: 'tell', event });
    },
    onStarted: (child) => {
      engine = child;
      connectWindow();
    },
    // The windows of this host have their own port.
    onWindowMessage: () => undefined,
    onCase: (path) => {
      app.addRecentDocument(path);
    },
    onGivenUp: (sentence) => {
      dialog.showErrorBox('Bezoar', sentence);
    },
    log,
  });

  const opened = createMainWindow(join(here, '..', 'preload', 'preload.cjs'));
  window = opened;
  answerBridge({
    window: opened,
    grant: (token, path, mode) => supervisor.grant(token, path, mode),
    onReady: () => {
      pageListens = true;
      connectWindow();
      const last = supervisor.lastEvent();
      if (last?.state === 'ready' && last.sentence !== '') supervisor.send({ control: 'tell', event: last });
      process.stdout.write('bezoar: window ready\n');
    },
  });
  opened.webContents.on('render-process-gone', (_event, details) => {
    log(`window gone: ${details.reason}`);
    pageListens = false;
    const again = Date.now() - crashedAtMs > CRASH_LOOP_MS;
    crashedAtMs = Date.now();
    if (again) opened.reload();
    else {
      dialog.showErrorBox(
        'Bezoar',
        'The window stopped again and again. The case file is at its last saved state.',
      );
      app.quit();
    }
  });
  supervisor.start();

  app.on('open-file', (_event, path) => {
    supervisor.send({ control: 'open', path });
  });
  app.on('second-instance', (_event, argv, folder) => {
    const { openCase } = parseAppArguments(argv.slice(1), folder);
    if (openCase !== null) supervisor.send({ control: 'open', path: openCase });
    if (opened.isMinimized()) opened.restore();
    opened.focus();
  });
  app.on('window-all-closed', () => {
    app.quit();
  });
  app.once('will-quit', (event) => {
    event.preventDefault();
    void supervisor.stop().then(() => {
      app.exit(0);
    });
  });
}

if (app.requestSingleInstanceLock()) {
  // macOS tells of a file before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (!app.isReady()) openFirst = path;
  });
  void app.whenReady().then(start);
} else app.quit();
