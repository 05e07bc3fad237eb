import { type ASTNode, type DocumentNode, Lexer, parse, Source, TokenKind, visit } from 'graphql';
import { type Limits, tooComplex } from '../limits/limits.ts';

/**
 * Parses a document without locations, which would keep every token of the text alive (three
 * quarters of a document's weight). Throws `QUERY_TOO_COMPLEX` before the parser runs when there
 * are too many tokens, and the parser's syntax errors, which have their location in any case.
 */
export function parseDocument(text: string, { tokens }: Pick<Limits, 'tokens'>): DocumentNode {
  const source = new Source(text);
  if (hasMoreTokens(source, tokens)) throw tooComplex();
  return parse(source, { noLocation: true });
}

function hasMoreTokens(source: Source, limit: number): boolean {
  const lexer = new Lexer(source);
  try {
    for (let count = 0; lexer.advance().kind !== TokenKind.EOF; ) if (++count > limit) return true;
  } catch {
    // not a token: the parser reports this error, or an earlier one
  }
  return false;
}

/** Returns every node of a document, in document order. */
export function nodesOf(document: DocumentNode): ASTNode[] {
  const nodes: ASTNode[] = [];
  visit(document, { enter: (node) => void nodes.push(node) });
  return nodes;
}
