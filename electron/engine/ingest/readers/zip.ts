import { BezoarError } from '../../../contract/errors.ts';
import { defineReader } from '../reader.ts';
import { looksLikeZip, openZip } from '../zip-archive.ts';
import { npzContent } from './npz.ts';
import { torchZipContent } from './torch-zip.ts';

/** ZIP archives: what NumPy's savez and PyTorch's save write, told apart by their members and never by their name. */
export const zipReader = defineReader({
  access: 'anywhere',
  id: 'zip',
  sniff: looksLikeZip,
  named: /\.(npz|zip)$/i,
  open: async (source) => {
    const archive = await openZip(source);
    const pickles = archive.members.filter(({ name }) => /(^|\/)data\.pkl$/.test(name));
    const arrays = archive.members.filter(({ name }) => /\.npy$/i.test(name));
    if (pickles.length > 0 && arrays.length > 0)
      throw new BezoarError(
        'evidence/malformed',
        `${source.name} holds ${pickles[0]?.name ?? ''}, as PyTorch writes it, and ${arrays[0]?.name ?? ''}, as NumPy does; another program would read ` +
          'another thing in it. Nothing was imported. Save the tensors or the arrays alone.',
      );
    if (pickles.length > 0) return torchZipContent(source, archive);
    if (arrays.length > 0) return npzContent(source, archive);
    throw new BezoarError(
      'evidence/unknown-format',
      `${source.name} is a ZIP archive without .npy arrays or PyTorch tensors. Nothing was imported. Unpack it and give what is in it.`,
    );
  },
});
