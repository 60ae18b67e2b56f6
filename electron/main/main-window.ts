import { BrowserWindow, app } from 'electron';
import { WINDOW_ORIGIN } from './app-protocol.ts';

/** The one window. @param preload path of the built preload */
export function createMainWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1280,
    minHeight: 800,
    show: false,
    title: 'Bezoar',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  window.once('ready-to-show', () => {
    window.show();
  });
  // The page names its title through the bridge.
  window.on('page-title-updated', (event) => {
    event.preventDefault();
  });
  void window.loadURL(`${WINDOW_ORIGIN}/`);
  return window;
}
