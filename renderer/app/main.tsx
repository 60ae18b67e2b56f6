import './zod-without-eval.ts';
import { OverlaysProvider, PortalProvider } from '@blueprintjs/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@blueprintjs/core/lib/css/blueprint.css';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/blueprint-overrides.css';
import '../styles/pieces.css';
import '../styles/shell.css';
import '../styles/dialogs.css';
import { followEngine } from '../state/engine-events.ts';
import { HostContext, setCurrentHost } from '../state/host-context.ts';
import { tellEndedJobs } from '../state/job-news.ts';
import { queryClient } from '../state/query-client.ts';
import { followSettings } from '../state/settings.ts';
import { keepView } from '../state/view-memory.ts';
import { App } from './App.tsx';
import { browserPage } from './hosts/browser-page.ts';
import { createElectronHost } from './hosts/electron-host.ts';
import { createServeHost } from './hosts/serve-host.ts';

const host = window.bezoar ? createElectronHost(window.bezoar, window) : createServeHost(browserPage());
setCurrentHost(host);
followEngine(host);
tellEndedJobs(host);
followSettings(host);
keepView();

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <HostContext value={host}>
      <QueryClientProvider client={queryClient}>
        <PortalProvider>
          <OverlaysProvider>
            <App />
          </OverlaysProvider>
        </PortalProvider>
      </QueryClientProvider>
    </HostContext>
  </StrictMode>,
);
