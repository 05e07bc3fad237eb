import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';

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
