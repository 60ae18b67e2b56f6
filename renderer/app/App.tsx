import { Classes } from '@blueprintjs/core';
import { useEffect, useLayoutEffect } from 'react';
import { useCaseState } from '../state/queries.ts';
import { useHost } from '../state/host-context.ts';
import { useTheme } from '../state/theme.ts';
import { ImportDialog } from '../views/evidence/ImportDialog.tsx';
import { ComparisonDialog } from '../views/comparison/ComparisonDialog.tsx';
import { DroppedCaseDialog } from '../views/comparison/DroppedCaseDialog.tsx';
import { LogDialog } from '../views/evidence/LogDialog.tsx';
import { WelcomeView } from '../views/welcome/WelcomeView.tsx';
import { AnalystDialog } from './AnalystDialog.tsx';
import { DropTarget } from './DropTarget.tsx';
import { EngineBanner } from './EngineBanner.tsx';
import { FolderDialog } from './FolderDialog.tsx';
import { useKeys } from './key-handler.ts';
import { KeySheet } from './KeySheet.tsx';
import { NewCaseDialog } from './NewCaseDialog.tsx';
import { PortableBanner } from './PortableBanner.tsx';
import { Palette } from './Palette.tsx';
import { SettingsDialog } from './SettingsDialog.tsx';
import { TraitsDialog } from './TraitsDialog.tsx';
import { Shell } from './Shell.tsx';
import { TitleBar } from './TitleBar.tsx';
import { Toaster } from './Toaster.tsx';

export function App() {
  const host = useHost();
  const open = useCaseState();
  const theme = useTheme();
  useKeys();

  // Before the effects of charts and map, which read the tokens of the theme.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.body.classList.toggle(Classes.DARK, theme !== 'light');
  }, [theme]);

  const title = open ? `${open.name} – Bezoar` : 'Bezoar';
  useEffect(() => {
    host.setTitle(title);
  }, [host, title]);

  return (
    <DropTarget>
      <div className="bz-window">
        <TitleBar />
        <EngineBanner />
        <PortableBanner />
        {open === undefined ? <main className="bz-centre" aria-busy="true" /> : null}
        {open === null ? <WelcomeView /> : null}
        {open ? <Shell key={open.id} /> : null}
      </div>
      <ImportDialog />
      <LogDialog />
      <DroppedCaseDialog />
      <ComparisonDialog />
      <AnalystDialog />
      <NewCaseDialog />
      <FolderDialog />
      <Palette />
      <KeySheet />
      <SettingsDialog />
      <TraitsDialog />
      <Toaster />
    </DropTarget>
  );
}
