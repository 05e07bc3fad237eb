import { BREAK, type DocumentNode, visit } from 'graphql';

const known = new WeakMap<DocumentNode, boolean>();

/**
 * Returns whether a document selects `pageInfo` anywhere. Asked of the whole document, and not of
 * each connection: fields that merge must agree on the rows that they read.
 */
export function selectsPageInfo(document: DocumentNode): boolean {
  const found = known.get(document) ?? isSelected(document);
  known.set(document, found);
  return found;
}

function isSelected(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field({ name }) {
      if (name.value !== 'pageInfo') return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}
