import { PORT_MESSAGE_TYPE } from '../../../electron/contract/bridge.ts';
import type { Bridge } from '../../../electron/contract/bridge.ts';
import type { Host } from '../../../electron/contract/host.ts';
import type { ClientMessage } from '../../../electron/contract/wire.ts';
import { WireClient } from './wire-client.ts';

declare global {
  interface Window {
    /** Only in Electron. */
    readonly bezoar?: Bridge;
  }
}

const LOST = 'The engine stopped. It is being started again; the case on disk is safe.';

/**
 * The Electron window's door. The engine's port comes as a window message from the preload, and another one
 * each time the engine was restarted.
 *
 * @param page the window itself
 */
export function createElectronHost(bridge: Bridge, page: EventTarget): Host {
  const client = new WireClient();
  let current: MessagePort | null = null;

  function connect(port: MessagePort): void {
    if (current !== null) {
      current.close();
      client.disconnected(LOST);
    }
    current = port;
    port.onmessage = (event: MessageEvent<unknown>) => {
      if (current === port) client.receive(event.data);
    };
    port.addEventListener('close', () => {
      if (current !== port) return;
      current = null;
      client.disconnected(LOST);
    });
    port.start();
    client.connected((message: ClientMessage) => {
      port.postMessage(message);
    });
  }

  page.addEventListener('message', (event) => {
    const { source, data, ports } = event as MessageEvent<unknown>;
    if (source !== page || typeof data !== 'object' || data === null) return;
    if ('type' in data && data.type === PORT_MESSAGE_TYPE && ports.length > 0) connect(ports[0]);
  });
  bridge.ready();

  return {
    kind: 'electron',
    call: (name, params) => client.call(name, params),
    subscribe: (topic, listener) => client.subscribe(topic, listener),
    bulk: (request) => client.bulk(request),
    acquireFiles: (purpose) => bridge.acquireFiles(purpose),
    acquireFolder: () => bridge.acquireFiles('folder'),
    acquireDropped: async (files, _folders, progress) => {
      const grants = await bridge.grantDropped(files);
      progress(1);
      return grants;
    },
    folder: null,
    saveFile: (purpose, suggestedName) => bridge.saveFile(purpose, suggestedName),
    delivered: () => Promise.resolve(),
    notify: (title, body) => {
      bridge.notify(title, body);
    },
    setTitle: (title) => {
      bridge.setTitle(title);
    },
  };
}
