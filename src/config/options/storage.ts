import { about } from '../about.ts';
import { flag, path } from '../fields.ts';

const topic = 'Storage';

/** Where what people want is kept. */
export const STORAGE_OPTIONS = {
  'data-dir': path.register(about, {
    kind: 'dir',
    topic,
    placeholder: 'DIR',
    description: 'where the database lies',
    defaultText: '~/.local/state/envoyage, for root /var/lib/envoyage',
  }),
  'secret-key-file': path.optional().register(about, {
    kind: 'file',
    topic,
    placeholder: 'FILE',
    description: 'what the keys of certificates are sealed with: 32 random bytes in base64',
    defaultText: 'secret.key in data-dir, made when it is needed',
  }),
  'new-secret-key': flag.default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'start although sealed keys do not open: their certificates have to be applied again',
  }),
} as const;
