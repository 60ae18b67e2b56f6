import { join } from 'node:path';
import { hasDisplay } from './launch/display.mjs';
import { openInBrowser } from './launch/browser-window.mjs';
import { openInElectron } from './launch/electron-window.mjs';
import { copySample } from './launch/sample-copy.mjs';
import { investigateWithoutDisplay } from './launch/without-display.mjs';
import { prepareApp, prepareEngine, ROOT } from './setup/prepare.mjs';
import { createSteps, seconds, sentenceOf } from './setup/steps.mjs';
import { dataFolder } from './setup/user-folders.mjs';

/** `npm start`: sets everything up and opens the application on a working copy of the sample incident. */
async function start() {
  const begun = performance.now();
  const steps = createSteps();
  const sample = join(dataFolder(), 'Sample incident');
  const settled = () => {
    copySample(join(ROOT, 'assets', 'sample-incident'), sample);
    steps.note(`set-up took ${seconds(performance.now() - begun)}`);
  };
  if (!hasDisplay()) {
    const node = await prepareEngine(steps);
    settled();
    steps.say('there is no display: the sample incident is investigated without a window');
    await investigateWithoutDisplay(node, sample, join(dataFolder(), 'Sample incident results'), steps);
    return 0;
  }
  const { node, electron } = await prepareApp(steps);
  settled();
  if ('executable' in electron) {
    const outcome = await openInElectron(electron.executable, sample, steps);
    if (outcome.shown) return outcome.code;
    steps.say('the serve host opens in a browser window instead');
  } else {
    steps.say(
      `Electron is not to be had (${electron.absent}): the serve host opens in a browser window instead`,
    );
  }
  return openInBrowser(node, sample, steps);
}

start().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`bezoar: ${sentenceOf(error)}\n`);
    process.exit(1);
  },
);
