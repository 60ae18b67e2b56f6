import { useEffect } from 'react';
import { useToasts } from '../state/toasts.ts';
import type { Toast } from '../state/toasts.ts';

const STAYS_MS = 6000;

function ToastLine(props: { readonly toast: Toast }) {
  const dismiss = useToasts((s) => s.dismiss);
  const { id, tone, text, action } = props.toast;
  useEffect(() => {
    // A failure stays until it was read.
    if (tone === 'alarm') return undefined;
    const timer = setTimeout(() => {
      dismiss(id);
    }, STAYS_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [id, tone, dismiss]);
  return (
    <li className={`bz-toast bz-toast-${tone}`} role={tone === 'alarm' ? 'alert' : undefined}>
      <span className="bz-toast-text">{text}</span>
      {action ? (
        <button
          type="button"
          className="bz-link"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.title}
        </button>
      ) : null}
      <button
        type="button"
        className="bz-link"
        aria-label="Dismiss"
        onClick={() => {
          dismiss(id);
        }}
      >
        ✕
      </button>
    </li>
  );
}

/** What the window says without asking anything. */
export function Toaster() {
  const toasts = useToasts((s) => s.toasts);
  return (
    <ul className="bz-toasts" aria-live="polite">
      {toasts.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </ul>
  );
}
