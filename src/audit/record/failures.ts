import { SealBroken } from '../../crypto/fields/sealed.ts';
import type { EventFacts } from './body.ts';
import { gatherDenials } from './denials.ts';

/** Denials and decryption failures of one operation, for the audit log. */
export type Failures = {
  /** Notes a denied field, filter or event by its name in the schema. */
  deny(name: string): void;
  /**
   * Appends one event for all denials, and one for each value that did not decrypt. Rejects when
   * that fails.
   */
  settle(errors: readonly { origin: unknown }[]): Promise<void>;
};

/**
 * `append` appends events as the operation's actor; `onLost` gets the error of a late denial that
 * could not be appended.
 */
export function gatherFailures(
  append: (events: EventFacts[]) => Promise<void>,
  onLost: (error: unknown) => void,
): Failures {
  const denials = gatherDenials((fields) => append([{ action: 'access.denied', data: { fields } }]), onLost);
  return {
    deny: denials.add,
    async settle(errors) {
      await denials.settle();
      await append(errors.flatMap(({ origin }) => (origin instanceof SealBroken ? [broken(origin)] : [])));
    },
  };
}

const broken = ({ model, field, rowId, reason }: SealBroken): EventFacts => ({
  action: 'seal.broken',
  entityId: rowId,
  data: { model, field, reason },
});
