import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * Returns the names of an operation's root fields, once for each use. The document has been
 * validated: its fragments exist and form no cycle.
 */
export const rootFields = ({ selections }: SelectionSetNode, document: DocumentNode): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(selection.selectionSet, document);
    const name = selection.name.value;
    return document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name
        ? rootFields(one.selectionSet, document)
        : [],
    );
  });

const TYPES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/**
 * Returns an operation's root fields with their type, such as `Mutation.signIn`, each once. The
 * document may be invalid: each fragment is read once, and one that does not exist has no fields.
 */
export function distinctRootFields(
  { operation, selectionSet }: OperationDefinitionNode,
  document: DocumentNode,
): Set<string> {
  const [names, spread, sets] = [new Set<string>(), new Set<string>(), [selectionSet]];
  for (const { selections } of sets)
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(`${TYPES[operation]}.${selection.name.value}`);
      else if (selection.kind === Kind.INLINE_FRAGMENT) sets.push(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        sets.push(...fragmentSets(selection.name.value, document));
      }
    }
  return names;
}

const fragmentSets = (name: string, { definitions }: DocumentNode): SelectionSetNode[] =>
  definitions.flatMap((one) =>
    one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name ? [one.selectionSet] : [],
  );
