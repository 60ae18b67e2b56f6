import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { Evidence } from '../../../electron/contract/evidence.ts';
import type { FileGrant } from '../../../electron/contract/host.ts';
import { Problem } from '../../components/Problem.tsx';
import { currentHost, useHost } from '../../state/host-context.ts';
import { say, sayFailure } from '../../state/toasts.ts';

const problemOf = {
  missing: 'It is not there any more, so nothing can be computed of it.',
  changed: 'It was changed since, by its size or the time of its last change, so nothing is computed of it.',
};

/** Where the values of a linked matrix lie, whether they are there, and how they are found again. */
export function LinkedFile(props: {
  readonly evidence: number;
  readonly link: NonNullable<Evidence['link']>;
}) {
  const { path, state } = props.link;
  const { kind } = useHost();
  const [looking, setLooking] = useState(false);
  const find = async (choose: () => Promise<readonly FileGrant[]>): Promise<void> => {
    try {
      const files = (await choose()).map(({ token }) => token);
      if (files.length === 0) return;
      setLooking(true);
      const found = await currentHost().call('evidence/relink', { evidence: props.evidence, files });
      say(`Found by its hash: ${found.path}`);
    } catch (error) {
      sayFailure(error);
    } finally {
      setLooking(false);
    }
  };
  return (
    <div>
      <span className="bz-quiet">
        Linked, not in the case: <span className="bz-file-name">{path}</span>
      </span>
      {state === 'linked' ? null : (
        <Problem>
          {problemOf[state]}
          {kind === 'electron' ? (
            <>
              {' '}
              <Button
                size="small"
                text={looking ? 'Comparing hashes' : 'Find the file…'}
                disabled={looking}
                onClick={() => void find(() => currentHost().acquireFiles('evidence'))}
              />{' '}
              <Button
                size="small"
                text="Look in a folder…"
                disabled={looking}
                onClick={() => void find(() => currentHost().acquireFolder(() => undefined))}
              />
            </>
          ) : (
            <>
              {' '}
              Put it back in its place, or close the case and let the command line look for it by its hash:{' '}
              <code>npm run --silent bezoar -- relink CASE.bezoar FOLDER</code>
            </>
          )}
        </Problem>
      )}
    </div>
  );
}
