import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Loaded ahead of everything else (`npm start`): what Node compiled of the code is kept for the next start, a third of whose work that is. It
 * lies beside the code, where only who may change the code may write, and not in Node's own place for it, which everybody shares. Where
 * nothing can be written, nothing is kept.
 */
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/bulwark'));
