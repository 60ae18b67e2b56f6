import { Button, Classes, PopoverNext } from '@blueprintjs/core';
import { useState } from 'react';
import type { MapInfo } from '../../../electron/contract/maps.ts';
import { Choice } from '../../components/Choice.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useActiveScanId } from '../../state/queries.ts';
import { useScanOrder } from '../../state/scan-order.ts';
import type { StartedJob } from '../../state/started-job.ts';
import { ScopeField, scopeOf } from './ScopeField.tsx';

type Kind = MapInfo['kind'];

const explanation: Readonly<Record<Kind, string>> = {
  pca: 'The two directions in which the activations vary most. Every sample is shown; distances are true.',
  umap: 'Neighbours stay together; distances between groups mean little. Above 8,000 samples a seeded sample is drawn that holds every suspect. Takes up to a minute or two.',
};

/** Starts a map, or shows the one that is there already. */
export function NewMap(props: {
  readonly maps: readonly MapInfo[];
  readonly drawing: StartedJob;
  readonly onShow: (map: number) => void;
}) {
  const { maps, drawing, onShow } = props;
  const [kind, setKind] = useState<Kind>('pca');
  const [choice, setChoice] = useState('all');
  const scan = useActiveScanId();
  const seed = useScanOrder((s) => s.seed);

  const draw = (): void => {
    const scope = scopeOf(choice);
    const present =
      scope.kind === 'rows'
        ? undefined
        : maps.find(
            (map) =>
              map.kind === kind &&
              !map.stale &&
              map.scopeKind === scope.kind &&
              (scope.kind !== 'class' || map.classIndex === scope.classIndex) &&
              (kind === 'pca' || map.seed === seed),
          );
    if (present) onShow(present.id);
    else drawing.start(currentHost().call('map/start', { kind, scope, seed, scan }));
  };

  return (
    <PopoverNext
      placement="bottom-start"
      content={
        <div className="bz-map-popover" role="dialog" aria-label="New map">
          <Choice
            name="Kind of map"
            value={kind}
            onChange={setKind}
            options={[
              { value: 'pca', text: 'PCA' },
              { value: 'umap', text: 'UMAP' },
            ]}
          />
          <p className="bz-quiet">{explanation[kind]}</p>
          <ScopeField value={choice} onChange={setChoice} />
          <Button
            className={Classes.POPOVER_DISMISS}
            intent="primary"
            text="Draw"
            disabled={drawing.job !== null}
            onClick={draw}
          />
        </div>
      }
    >
      <Button size="small" text="New map…" />
    </PopoverNext>
  );
}
