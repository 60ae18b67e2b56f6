import { Button, Dialog, DialogBody, DialogFooter } from '@blueprintjs/core';
import { Document, FolderClose } from '@blueprintjs/icons';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Host } from '../../electron/contract/host.ts';
import { formatBytes, plural } from '../components/number-format.ts';
import { Problem } from '../components/Problem.tsx';
import { takeEvidence } from '../state/case-doors.ts';
import { useDialogs } from '../state/dialogs.ts';
import { enterCase } from '../state/engine-events.ts';
import { useHost } from '../state/host-context.ts';
import { sayFailure } from '../state/toasts.ts';

type Folder = NonNullable<Host['folder']>;

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

function FolderPicker(props: {
  readonly folder: Folder;
  readonly purpose: 'case' | 'evidence';
  readonly onDone: () => void;
}) {
  const host = useHost();
  const [path, setPath] = useState('');
  const [picked, setPicked] = useState<readonly string[]>([]);
  const many = props.purpose === 'evidence';
  const { data, error } = useQuery({
    queryKey: ['folder', 'list', path],
    queryFn: () => props.folder.list(path),
    staleTime: 0,
  });
  // Evidence is told by its bytes: whatever it is called, it may be looked into.
  const suits = (name: string): boolean => many || name.toLowerCase().endsWith('.bezoar');

  const shown = data?.filter((entry) => entry.kind === 'folder' || suits(entry.name));
  const left = (data?.length ?? 0) - (shown?.length ?? 0);

  const take = async (paths: readonly string[]): Promise<void> => {
    props.onDone();
    try {
      const grants = await props.folder.acquire(paths);
      if (many) await takeEvidence(grants);
      else if (grants.length > 0) await enterCase(() => host.call('case/open', { file: grants[0].token }));
    } catch (failure) {
      sayFailure(failure);
    }
  };

  return (
    <>
      <DialogBody className="bz-folder">
        <p className="bz-mono bz-quiet">/{path}</p>
        {error ? <Problem error={error} /> : null}
        <ul className="bz-folder-list" aria-label="Files">
          {path === '' ? null : (
            <li>
              <button
                type="button"
                onClick={() => {
                  setPath(parentOf(path));
                }}
              >
                <FolderClose size={12} /> <span>..</span>
              </button>
            </li>
          )}
          {shown?.map((entry) => (
            <li key={entry.path}>
              {entry.kind === 'folder' ? (
                <button
                  type="button"
                  onClick={() => {
                    setPath(entry.path);
                  }}
                >
                  <FolderClose size={12} /> <span>{entry.name}</span>
                </button>
              ) : (
                <button
                  type="button"
                  aria-pressed={picked.includes(entry.path)}
                  onClick={() => {
                    if (!many) setPicked([entry.path]);
                    else if (picked.includes(entry.path))
                      setPicked(picked.filter((one) => one !== entry.path));
                    else setPicked([...picked, entry.path]);
                  }}
                  onDoubleClick={() => {
                    void take([entry.path]);
                  }}
                >
                  <Document size={12} /> <span>{entry.name}</span>
                  <span className="bz-number bz-quiet">{formatBytes(entry.size)}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
        {shown?.length === 0 || left > 0 ? (
          <p className="bz-quiet">
            {shown?.length === 0 ? `Nothing to open here. ` : null}
            {left > 0 ? `${plural(left, 'other file')} not shown.` : null}
          </p>
        ) : null}
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onDone} />
            {many && path !== '' && picked.length === 0 ? (
              <Button
                text={`Take the folder ${path.split('/').at(-1) ?? ''}`}
                onClick={() => void take([path])}
              />
            ) : null}
            <Button
              intent="primary"
              text={
                many && picked.length > 0 ? `Take ${plural(picked.length, 'file')}` : many ? 'Take' : 'Open'
              }
              disabled={picked.length === 0}
              onClick={() => void take(picked)}
            />
          </>
        }
      >
        {many ? 'What lies here is read where it lies; nothing is uploaded.' : 'Cases end in .bezoar.'}
      </DialogFooter>
    </>
  );
}

/** The folder that the serve host was started on, for cases and evidence that are on that machine already. */
export function FolderDialog() {
  const { folder } = useHost();
  const open = useDialogs((s) => s.open);
  const close = useDialogs((s) => s.close);
  if (folder === null || (open !== 'open-case' && open !== 'folder-evidence')) return null;
  const purpose = open === 'open-case' ? 'case' : 'evidence';
  return (
    <Dialog
      isOpen
      title={purpose === 'case' ? 'Open case' : 'Evidence from the served folder'}
      onClose={close}
      shouldReturnFocusOnClose
      transitionDuration={0}
    >
      <FolderPicker folder={folder} purpose={purpose} onDone={close} />
    </Dialog>
  );
}
