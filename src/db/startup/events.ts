import { isAction, unknownEvent } from '../../audit/record/events.ts';
import { schemaPlace } from '../../config/schema-place.ts';
import { guarantees } from '../guarantees.gen.ts';

const CHANGES = ['created', 'updated', 'deleted'] as const;

/**
 * Each change of an audited model has its event in the catalogue: otherwise the first such change
 * would fail.
 */
export const eventProblems = async (): Promise<string[]> =>
  Object.entries(guarantees).flatMap(([model, { audited }]) =>
    CHANGES.map((change) => `${model[0]?.toLowerCase()}${model.slice(1)}.${change}`)
      .filter((event) => audited && !isAction(event))
      .map((event) => missing(model, event)),
  );

const missing = (model: string, event: string): string =>
  `${schemaPlace(model, /@audited/)}: ${model} is @audited, but ${unknownEvent(event)}`;
