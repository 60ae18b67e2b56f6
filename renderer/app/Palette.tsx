import { Dialog } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import { useDialogs } from '../state/dialogs.ts';
import { useFocusRequests } from '../state/focus-request.ts';
import { useViewState } from '../state/view-state.ts';
import { openCase } from '../state/case-doors.ts';
import { commands } from './commands.ts';
import { keyTitle } from './keymap.ts';

interface Line {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly key: string | null;
  run(this: void): void;
}

/** Commands whose words all begin somewhere in the title; in the order of the table. */
function linesFor(query: string): Line[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands
    .filter((command) => command.id !== 'window.palette' && command.when())
    .filter((command) => {
      const text = `${command.group} ${command.title}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .map((command): Line => ({
      id: command.id,
      title: command.title,
      group: command.group,
      key: command.keys[0] ? keyTitle(command.keys[0]) : null,
      run: command.run,
    }));
  if (query.trim() !== '' && (openCase()?.counts.investigated ?? 0) > 0) {
    found.push({
      id: 'find',
      title: `Find samples with “${query.trim()}”`,
      group: 'Search',
      key: null,
      run: () => {
        useViewState.getState().set({ search: query.trim(), view: 'suspects' });
        useFocusRequests.getState().request('search');
      },
    });
  }
  return found;
}

function PaletteBody(props: { readonly onDone: () => void }) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const lines = linesFor(query);
  const move = (to: number): void => {
    const next = Math.min(lines.length - 1, Math.max(0, to));
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const run = (line: Line | undefined): void => {
    if (!line) return;
    props.onDone();
    line.run();
  };
  return (
    <div className="bz-palette">
      <input
        autoFocus
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="bz-palette-list"
        aria-activedescendant={lines[at] ? `bz-palette-${lines[at].id}` : undefined}
        aria-label="Command"
        placeholder="What do you want to do?"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(at + 1);
          else if (event.key === 'ArrowUp') move(at - 1);
          else if (event.key === 'Enter') run(lines[at]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="bz-palette-list" role="listbox" aria-label="Commands" ref={list}>
        {lines.map((line, k) => (
          <li
            key={line.id}
            id={`bz-palette-${line.id}`}
            role="option"
            aria-selected={k === at}
            onPointerMove={() => {
              setAt(k);
            }}
            onClick={() => {
              run(line);
            }}
          >
            <span className="bz-quiet">{line.group}</span>
            <span>{line.title}</span>
            {line.key ? <kbd>{line.key}</kbd> : null}
          </li>
        ))}
      </ul>
      {lines.length === 0 ? <p className="bz-quiet bz-palette-none">No command has these words.</p> : null}
    </div>
  );
}

/** Every command by its words. */
export function Palette() {
  const isOpen = useDialogs((s) => s.open === 'palette');
  const close = useDialogs((s) => s.close);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      className="bz-palette-dialog"
      transitionDuration={0}
      aria-label="Commands"
    >
      <PaletteBody onDone={close} />
    </Dialog>
  );
}
