import { Dialog, DialogBody } from '@blueprintjs/core';
import type { ThemeName } from '../../electron/contract/settings.ts';
import { useDialogs } from '../state/dialogs.ts';
import { chooseKernels, chooseTheme, useSettings } from '../state/settings.ts';

const themes: readonly (readonly [ThemeName, string])[] = [
  ['system', 'As the system'],
  ['dark', 'Dark'],
  ['light', 'Light'],
  ['contrast', 'High contrast'],
];

const engineTitles: Readonly<Record<string, string>> = {
  'native-avx512': 'Native, AVX-512',
  'native-avx2': 'Native, AVX2',
  'native-baseline': 'Native, without wide vectors',
  wasm: 'WebAssembly',
  typescript: 'TypeScript, the readable reference',
};

function Themes() {
  const theme = useSettings((s) => s.theme);
  return (
    <fieldset className="bz-choices">
      <legend>Theme</legend>
      {themes.map(([id, title]) => (
        <label key={id}>
          <input type="radio" name="theme" checked={theme === id} onChange={() => void chooseTheme(id)} />{' '}
          {title}
        </label>
      ))}
    </fieldset>
  );
}

function Engines() {
  const kernels = useSettings((s) => s.kernels);
  if (kernels === null) return null;
  return (
    <fieldset className="bz-choices">
      <legend>Engine of the computations</legend>
      <label>
        <input
          type="radio"
          name="engine"
          checked={kernels.forced === null}
          onChange={() => void chooseKernels(null)}
        />{' '}
        The best of this machine
      </label>
      {kernels.engines.map(({ name, missing }) => (
        <label key={name} className={missing === null ? undefined : 'bz-quiet'}>
          <input
            type="radio"
            name="engine"
            checked={kernels.forced === name}
            disabled={missing !== null}
            onChange={() => void chooseKernels(name)}
          />{' '}
          {engineTitles[name] ?? name}
          {kernels.current === name ? <strong> · in use</strong> : null}
          {missing === null ? null : <span className="bz-quiet"> · {missing}</span>}
        </label>
      ))}
      <p className="bz-quiet">
        Every engine finds the same; they differ in speed and in the last digits of sums. Each run records its
        engine. A change counts for the runs to come.
      </p>
    </fieldset>
  );
}

/** What the person at this machine chooses for every case. */
export function SettingsDialog() {
  const isOpen = useDialogs((s) => s.open === 'settings');
  const close = useDialogs((s) => s.close);
  return (
    <Dialog isOpen={isOpen} onClose={close} title="Settings" transitionDuration={0}>
      <DialogBody>
        <Themes />
        <Engines />
      </DialogBody>
    </Dialog>
  );
}
