import { create } from 'zustand';
import { BezoarError } from '../../electron/contract/errors.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'plain' | 'caution' | 'alarm';
  readonly text: string;
  readonly action: { readonly title: string; run(this: void): void } | null;
}

interface ToastState {
  readonly toasts: readonly Toast[];
  dismiss(this: void, id: number): void;
}

export const useToasts = create<ToastState>()((set) => ({
  toasts: [],
  dismiss: (id) => {
    set((s) => ({ toasts: s.toasts.filter((toast) => toast.id !== id) }));
  },
}));

let lastId = 0;

/** Says something that asks for no answer. At most three stand at a time. */
export function say(text: string, tone: Toast['tone'] = 'plain', action: Toast['action'] = null): void {
  const toast: Toast = { id: ++lastId, tone, text, action };
  useToasts.setState((s) => ({ toasts: [...s.toasts, toast].slice(-3) }));
}

/** A failure in words: the engine's sentence, or that this is a fault of Bezoar's. */
export function sentenceOf(error: unknown): string {
  if (error instanceof BezoarError) return error.message;
  const detail = error instanceof Error ? error.message : String(error);
  return `Bezoar made a mistake of its own: ${detail}. Nothing in the case was changed by this.`;
}

/** Says a failure. */
export function sayFailure(error: unknown): void {
  say(sentenceOf(error), 'alarm');
}
