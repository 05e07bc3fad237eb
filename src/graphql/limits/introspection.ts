import { type DocumentNode, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { AppError } from '../../errors.ts';

const known = new WeakMap<DocumentNode, boolean>();

/** True when the document asks for `__schema` or `__type` anywhere, fragments included. */
export function introspects(document: DocumentNode): boolean {
  const before = known.get(document);
  if (before !== undefined) return before;
  let found = false;
  visit(document, {
    Field: (node) => {
      if (node.name.value === '__schema' || node.name.value === '__type') found = true;
    },
  });
  known.set(document, found);
  return found;
}

/**
 * Refuses introspection with `FORBIDDEN` unless `mayIntrospect(context)`. It judges the execution
 * and not the validation, whose result is cached by document and would carry one user's right over
 * to the next.
 */
export function limitIntrospection(mayIntrospect: (context: unknown) => boolean): Plugin {
  const check = ({ args }: { args: { document: DocumentNode; contextValue: unknown } }) => {
    if (introspects(args.document) && !mayIntrospect(args.contextValue)) {
      throw new AppError('FORBIDDEN', 'Introspection is disabled on this server.');
    }
  };
  return { onExecute: check, onSubscribe: check } as Plugin;
}
