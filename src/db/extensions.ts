import { captureExtension } from '../audit/record/capture.ts';
import { sealExtension } from '../crypto/fields/extension.ts';
import type { Keyring } from '../crypto/keys/keyring.ts';
import type { Executor } from './fast-path/executor.ts';
import type { Extension, Operation } from './operations/operations.ts';
import { tenantExtension } from './tenant/extension.ts';

/**
 * Chains the extensions in their one order, outermost first: tenant (whose rows), capture (writes
 * for the audit log), seal (ciphertext). The executor runs what comes out of them.
 */
export function extensionsOf(keyring: Keyring, executor: Executor): Extension {
  const seal = sealExtension(keyring);
  return ({ model, operation, args, query }) => {
    const into = (extension: Extension, next: Operation['query']) => (inner: never) =>
      extension({ model, operation, args: inner, query: next });
    const execute = into(executor, query);
    return tenantExtension({ model, operation, args, query: into(captureExtension, into(seal, execute)) });
  };
}
