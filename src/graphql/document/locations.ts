import { type ASTNode, type DocumentNode, GraphQLError, parse } from 'graphql';
import { withoutStackTraces } from '../../errors.ts';
import { nodesOf } from './parse.ts';

/** Returns errors with the locations that their document was parsed without (GraphQL § 7.1.2). */
export function withLocations(
  errors: readonly GraphQLError[],
  document: DocumentNode,
  text: string,
): GraphQLError[] {
  const located = locatedNodes(document, text);
  const withLocation = ({ message, nodes, path, extensions, originalError }: GraphQLError) =>
    new GraphQLError(message, {
      nodes: nodes?.map((node) => located.get(node) ?? node),
      path,
      extensions,
      originalError,
    });
  return withoutStackTraces(() => errors.map(withLocation));
}

/** The same text gives the same tree: nodes correspond by their order. */
function locatedNodes(document: DocumentNode, text: string): Map<ASTNode, ASTNode> {
  const located = nodesOf(parse(text));
  return new Map(nodesOf(document).map((node, index) => [node, located[index] ?? node]));
}
