import {
  type ASTVisitor,
  GraphQLError,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValidationContext,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses `@skip` and `@include` on the root field of a subscription, as the specification does
 * since September 2025 (5.2.4.1): without a field there is no stream of events, and the executor
 * fails.
 */
export const refuseConditionalSubscriptions: Plugin = {
  onValidate: ({ addValidationRule }) => addValidationRule(rule),
};

const rule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(operation) {
    if (operation.operation !== 'subscription') return;
    const conditional = rootSelections(operation, context).filter(isConditional);
    if (conditional.length > 0)
      context.reportError(
        new GraphQLError('A subscription cannot have @skip or @include on its root field.', {
          nodes: conditional,
        }),
      );
  },
});

const isConditional = ({ directives = [] }: SelectionNode): boolean =>
  directives.some(({ name }) => name.value === 'skip' || name.value === 'include');

/** The selections of an operation outside of its fields, also those in fragments. */
function rootSelections(operation: OperationDefinitionNode, context: ValidationContext): SelectionNode[] {
  const found: SelectionNode[] = [...operation.selectionSet.selections];
  const seen = new Set<string>();
  for (const selection of found) {
    if (selection.kind === 'InlineFragment') found.push(...selection.selectionSet.selections);
    if (selection.kind !== 'FragmentSpread' || seen.has(selection.name.value)) continue;
    seen.add(selection.name.value);
    found.push(...(context.getFragment(selection.name.value)?.selectionSet.selections ?? []));
  }
  return found;
}
