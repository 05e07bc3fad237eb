import type { ASTVisitor } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Limits, tooComplex } from './limits.ts';

/**
 * Refuses documents with too many directives in one place, as one error instead of one for each
 * directive.
 */
export function limitDirectives({ directivesPerNode }: Pick<Limits, 'directivesPerNode'>): Plugin {
  const rule = (): ASTVisitor => ({
    enter(node) {
      if ('directives' in node && (node.directives?.length ?? 0) > directivesPerNode) throw tooComplex();
    },
  });
  return { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
}
