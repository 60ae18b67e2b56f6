import { useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import { takeDropped } from '../state/case-doors.ts';
import { droppedFolders } from './dropped-folders.ts';

function bringsFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files');
}

/** The whole window takes files. */
export function DropTarget(props: { readonly children: ReactNode }) {
  const [over, setOver] = useState(false);
  // Entering a child fires before leaving its parent: only the count says whether the pointer left the window.
  const depth = useRef(0);
  return (
    <div
      className="bz-drop"
      onDragEnter={(event) => {
        if (!bringsFiles(event)) return;
        event.preventDefault();
        depth.current++;
        setOver(true);
      }}
      onDragOver={(event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = bringsFiles(event) ? 'copy' : 'none';
      }}
      onDragLeave={(event) => {
        if (!bringsFiles(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        void takeDropped([...event.dataTransfer.files], droppedFolders(event.dataTransfer.items));
      }}
    >
      {props.children}
      {over ? (
        <div className="bz-drop-over">
          <div>
            <strong>Drop to look at these files</strong>
            <span>Nothing is imported before you have seen what Bezoar takes them for.</span>
          </div>
        </div>
      ) : null}
    </div>
  );
}
