import { create } from 'zustand';

type DialogName =
  'palette' | 'sheet' | 'analyst' | 'new-case' | 'open-case' | 'folder-evidence' | 'settings' | 'traits';

interface DialogState {
  readonly open: DialogName | null;
  show(this: void, dialog: DialogName): void;
  close(this: void): void;
}

/** Which dialog stands over the window; one at a time. The import dialog follows the import draft. */
export const useDialogs = create<DialogState>()((set) => ({
  open: null,
  show: (dialog) => {
    set({ open: dialog });
  },
  close: () => {
    set({ open: null });
  },
}));
