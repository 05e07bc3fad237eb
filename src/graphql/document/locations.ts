import { type ASTNode, type DocumentNode, GraphQLError, parse } from 'graphql';
import { nodesOf } from './parse.ts';

/** Returns errors with the locations that their document was parsed without (GraphQL § 7.1.2). */
export function withLocations(
  errors: readonly GraphQLError[],
  document: DocumentNode,
  text: string,
): GraphQLError[] {
  const located = locatedNodes(document, text);
  return errors.map(
    ({ message, nodes, path, extensions, originalError }) =>
      new GraphQLError(message, {
        nodes: nodes?.map((node) => located.get(node) ?? node),
        path,
        extensions,
        originalError,
      }),
  );
}

/** The same text gives the same tree: nodes correspond by their order. */
function locatedNodes(document: DocumentNode, text: string): Map<ASTNode, ASTNode> {
  const located = nodesOf(parse(text));
  return new Map(nodesOf(document).map((node, index) => [node, located[index] ?? node]));
}
