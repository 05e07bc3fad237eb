import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Limits, tooComplex } from './limits.ts';

/**
 * Refuses documents with too many fields where each fragment stands in place of its spreads. It
 * bounds the work of all that walks a document, such as query plans: fragments that spread
 * fragments twice each make 2^n fields, which cost nothing where they are the same.
 */
export function limitSize({ size }: Pick<Limits, 'size'>): Plugin {
  const rule = (): ASTVisitor => ({
    Document(document) {
      if (sizeOf(document) > size) throw tooComplex();
    },
  });
  return { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
}

/** Fields of all operations. Fragments in a cycle, which validation refuses, count once. */
function sizeOf({ definitions }: DocumentNode): number {
  const fragments = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const byName = new Map(fragments.map((one) => [one.name.value, one]));
  const known = new Map<string, number>();
  let size = 0;
  for (const one of definitions)
    if (one.kind === Kind.OPERATION_DEFINITION) size += selectionSize(one.selectionSet, byName, known);
  return size;
}

function selectionSize(
  { selections }: SelectionSetNode,
  fragments: Map<string, FragmentDefinitionNode>,
  known: Map<string, number>,
): number {
  let size = 0;
  for (const node of selections) {
    if (node.kind === Kind.FIELD) size += 1;
    if (node.kind === Kind.FRAGMENT_SPREAD) size += fragmentSize(node.name.value, fragments, known);
    else if (node.selectionSet) size += selectionSize(node.selectionSet, fragments, known);
  }
  return size;
}

function fragmentSize(
  name: string,
  fragments: Map<string, FragmentDefinitionNode>,
  known: Map<string, number>,
): number {
  const before = known.get(name);
  if (before !== undefined) return before;
  known.set(name, 0);
  const fragment = fragments.get(name);
  const size = fragment ? selectionSize(fragment.selectionSet, fragments, known) : 0;
  known.set(name, size);
  return size;
}
