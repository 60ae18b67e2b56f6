import type { ReactNode } from 'react';

/** An empty place names the next act. */
export function EmptyState(props: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <div className="bz-empty">
      <h2 className="bz-empty-title">{props.title}</h2>
      {props.children ? <div className="bz-empty-body">{props.children}</div> : null}
      {props.actions ? <div className="bz-empty-actions">{props.actions}</div> : null}
    </div>
  );
}
