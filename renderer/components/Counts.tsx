import { formatCount } from './number-format.ts';

/** What is counted, how often, and what that says. */
export type Count = readonly [name: string, count: number, note: string];

/** Counts side by side, each under its name and above a word on it. */
export function Counts(props: { readonly counts: readonly Count[]; readonly className: string }) {
  return (
    <dl className={props.className}>
      {props.counts.map(([name, count, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="bz-number">{formatCount(count)}</dd>
          <dd className="bz-quiet">{note}</dd>
        </div>
      ))}
    </dl>
  );
}
