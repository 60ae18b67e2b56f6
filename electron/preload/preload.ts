import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge } from '../contract/bridge.ts';
import { BRIDGE_NAME, PORT_MESSAGE_TYPE, channels } from '../contract/bridge.ts';
import type { FileGrant } from '../contract/host.ts';

const bridge: Bridge = {
  ready: () => {
    ipcRenderer.send(channels.ready);
  },
  acquireFiles: (purpose) => ipcRenderer.invoke(channels.acquireFiles, purpose) as Promise<FileGrant[]>,
  grantDropped: (files) => {
    const paths = files.map((file) => webUtils.getPathForFile(file as File)).filter((path) => path !== '');
    return ipcRenderer.invoke(channels.grantPaths, paths) as Promise<FileGrant[]>;
  },
  saveFile: (purpose, suggestedName) =>
    ipcRenderer.invoke(channels.saveFile, { purpose, suggestedName }) as Promise<FileGrant | null>,
  notify: (title, body) => {
    ipcRenderer.send(channels.notify, title, body);
  },
  setTitle: (title) => {
    ipcRenderer.send(channels.setTitle, title);
  },
};

// Ports cannot cross the context bridge; they can cross from window to window.
ipcRenderer.on(channels.port, (event) => {
  window.postMessage({ type: PORT_MESSAGE_TYPE }, window.location.origin, [...event.ports]);
});

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
