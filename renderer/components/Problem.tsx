import type { ReactNode } from 'react';
import { sentenceOf } from '../state/toasts.ts';

/** Something that stands in the way, said calmly where it matters. */
export function Problem(props: { readonly error?: unknown; readonly children?: ReactNode }) {
  return (
    <p className="bz-problem" role="alert">
      <span aria-hidden="true" className="bz-problem-sign">
        ▲
      </span>
      <span>{props.children ?? sentenceOf(props.error)}</span>
    </p>
  );
}
