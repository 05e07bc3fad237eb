import { captureExtension } from '../audit/extension.ts';
import { sealExtension } from '../crypto/extension.ts';
import type { Keyring } from '../crypto/keyring.ts';
import { direct, type Run } from './direct.ts';
import type { ModelName } from './guarantees.gen.ts';
import { type Operation, tenantExtension } from './tenant.ts';

/** One operation on one model; `query` is what answers it in the end where `direct` leaves it. */
export type Steps = (operation: Operation) => Promise<unknown>;

/** Tenant (whose rows), capture (the record), seal (ciphertext), direct (the short way to PostgreSQL): outermost first, in this order. */
export function steps(keyring: Keyring, run: Run): Steps {
  const tenant = tenantExtension.query.$allModels.$allOperations;
  const capture = captureExtension().query.$allModels.$allOperations;
  const seal = sealExtension(keyring).query.$allModels.$allOperations;
  return ({ model, operation, args, query }) => {
    const then = (step: Steps, next: Operation['query']) => (inner: never) =>
      step({ model, operation, args: inner, query: next });
    const last = (inner: never) => direct(run, model as ModelName, operation, inner, query as never);
    return tenant({ model, operation, args, query: then(capture, then(seal, last)) });
  };
}
