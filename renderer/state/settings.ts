import { create } from 'zustand';
import type { Host } from '../../electron/contract/host.ts';
import type { Settings, ThemeName } from '../../electron/contract/settings.ts';
import { currentHost } from './host-context.ts';
import { sayFailure } from './toasts.ts';

interface SettingsState {
  readonly theme: ThemeName;
  /** null until the engine has told. */
  readonly kernels: Settings['kernels'] | null;
}

/** What the person chose for every case. */
export const useSettings = create<SettingsState>()(() => ({ theme: 'system', kernels: null }));

/** Follows the settings of the engine, also of one that was restarted. */
export function followSettings(host: Host): void {
  const load = (): void => {
    void host.call('settings/load', {}).then(
      (settings) => {
        useSettings.setState(settings);
      },
      // The engine is on its way; it tells when it is ready.
      () => undefined,
    );
  };
  host.subscribe('engine', ({ state }) => {
    if (state === 'ready') load();
  });
  load();
}

/** Shows the theme at once and keeps it for every case. */
export async function chooseTheme(theme: ThemeName): Promise<void> {
  useSettings.setState({ theme });
  try {
    useSettings.setState(await currentHost().call('settings/set-theme', { theme }));
  } catch (error) {
    sayFailure(error);
  }
}

/** The runs to come use this engine; null takes the best of the machine. */
export async function chooseKernels(name: string | null): Promise<void> {
  try {
    useSettings.setState(await currentHost().call('settings/use-kernels', { name }));
  } catch (error) {
    sayFailure(error);
  }
}
