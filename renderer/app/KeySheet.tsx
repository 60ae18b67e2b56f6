import { Dialog, DialogBody } from '@blueprintjs/core';
import { useDialogs } from '../state/dialogs.ts';
import { commands } from './commands.ts';
import type { CommandGroup } from './commands.ts';
import { keyTitle } from './keymap.ts';

const groups: readonly CommandGroup[] = ['Verdicts', 'Walk', 'Selection', 'Go to', 'Case', 'Window'];

/** What the map answers to while it is on the screen. */
const mapKeys: readonly (readonly [string, string])[] = [
  ['L', 'Lasso on the map'],
  ['R', 'Rectangle on the map'],
  ['H', 'Move the map'],
  ['+ − 0', 'Zoom in, out, show all'],
  ['Shift+drag', 'Add to the selection'],
  ['Alt+drag', 'Take from the selection'],
  ['Shift+Alt+drag', 'Keep what is in both'],
];

/** The sheet of keys, from the same table that the keys are run by. */
export function KeySheet() {
  const isOpen = useDialogs((s) => s.open === 'sheet');
  const close = useDialogs((s) => s.close);
  return (
    <Dialog isOpen={isOpen} onClose={close} title="Keys" className="bz-sheet-dialog" transitionDuration={0}>
      <DialogBody>
        <div className="bz-sheet">
          {groups.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {commands
                  .filter((command) => command.group === group && command.keys.length > 0)
                  .map((command) => (
                    <div key={command.id}>
                      <dt>
                        {command.keys.map((key) => (
                          <kbd key={key}>{keyTitle(key)}</kbd>
                        ))}
                      </dt>
                      <dd>{command.title}</dd>
                    </div>
                  ))}
                {group === 'Selection'
                  ? mapKeys.map(([key, title]) => (
                      <div key={key}>
                        <dt>
                          <kbd>{key}</kbd>
                        </dt>
                        <dd>{title}</dd>
                      </div>
                    ))
                  : null}
              </dl>
            </section>
          ))}
        </div>
      </DialogBody>
    </Dialog>
  );
}
