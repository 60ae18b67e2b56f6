import { Button, Menu, MenuDivider, MenuItem, PopoverNext } from '@blueprintjs/core';
import { CaretDown, Cog, Help, Search } from '@blueprintjs/icons';
import { formatCount } from '../components/number-format.ts';
import { useEngine } from '../state/engine-events.ts';
import { isAtWork } from '../state/job-news.ts';
import { useCaseState, useJobs } from '../state/queries.ts';
import { useReviewCounts } from '../state/review.ts';
import { commandById } from './commands.ts';
import { keyTitle } from './keymap.ts';

function CommandItem(props: { readonly id: string; readonly text?: string }) {
  const command = commandById(props.id);
  return (
    <MenuItem
      text={props.text ?? command.title}
      label={command.keys[0] ? keyTitle(command.keys[0]) : undefined}
      onClick={command.run}
    />
  );
}

function CaseName() {
  const open = useCaseState();
  return (
    <PopoverNext
      placement="bottom-start"
      arrow={false}
      animation="minimal"
      content={
        <Menu>
          <CommandItem id="case.new" />
          <CommandItem id="case.open" />
          <CommandItem id="case.evidence" />
          {open ? (
            <>
              <MenuDivider />
              <CommandItem id="case.close" />
            </>
          ) : null}
        </Menu>
      }
    >
      <Button
        variant="minimal"
        size="small"
        className="bz-case-name"
        endIcon={<CaretDown size={12} />}
        title={open ? open.location : 'Open or make a case'}
        text={open ? open.name : 'No case'}
      />
    </PopoverNext>
  );
}

function State() {
  const engine = useEngine((s) => s.state);
  const running = useJobs().filter(isAtWork);
  if (engine === 'lost') return <span className="bz-state bz-tone-alarm">engine restarting</span>;
  if (running.length > 0) {
    return <span className="bz-state">working: {running[0].title.toLowerCase()}</span>;
  }
  return <span className="bz-state bz-quiet">saved</span>;
}

function Reviewed() {
  const counts = useReviewCounts();
  if (counts === null) return null;
  if (counts.total === 0) return <span className="bz-reviewed bz-quiet">no suspects</span>;
  return (
    <span className="bz-reviewed" title="Suspects with a verdict, of all suspects of this scan">
      <span className="bz-number">{formatCount(counts.reviewed)}</span> of{' '}
      <span className="bz-number">{formatCount(counts.total)}</span> reviewed
      <span className="bz-reviewed-bar" aria-hidden="true">
        <span style={{ width: `${(100 * counts.reviewed) / counts.total}%` }} />
      </span>
    </span>
  );
}

/** The bar on top: the case and its state, what is reviewed, and the way to every command. */
export function TitleBar() {
  const open = useCaseState();
  const palette = commandById('window.palette');
  const sheet = commandById('window.sheet');
  const settings = commandById('window.settings');
  return (
    <header className="bz-titlebar">
      <span className="bz-wordmark">Bezoar</span>
      <CaseName />
      {open ? <State /> : null}
      <span className="bz-spring" />
      {open ? <Reviewed /> : null}
      <button type="button" className="bz-palette-button" onClick={palette.run}>
        <Search size={12} />
        <span>Commands</span>
        <kbd>Ctrl+K</kbd>
      </button>
      <Button
        variant="minimal"
        size="small"
        icon={<Cog size={14} />}
        aria-label="Settings"
        title="Settings"
        onClick={settings.run}
      />
      <Button
        variant="minimal"
        size="small"
        icon={<Help size={14} />}
        aria-label="Keys"
        title="Keys (?)"
        onClick={sheet.run}
      />
    </header>
  );
}
