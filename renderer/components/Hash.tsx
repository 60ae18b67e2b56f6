import { say } from '../state/toasts.ts';

/** The first 12 digits of a hash; a click copies all of it. */
export function Hash(props: { readonly value: string; readonly what: string }) {
  return (
    <button
      type="button"
      className="bz-hash"
      title={`${props.what} ${props.value}, click to copy`}
      aria-label={`Copy ${props.what}`}
      onClick={(event) => {
        event.stopPropagation();
        void copy(props.value, props.what);
      }}
    >
      {props.value.slice(0, 12)}
    </button>
  );
}

async function copy(value: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(value);
    say(`${what} copied.`);
  } catch {
    say(`This window may not write to the clipboard. ${what}: ${value}`, 'caution');
  }
}
