/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "mutation SignIn($input: SignInInput!) {\n  signIn(input: $input) {\n    sessionToken\n    mfaChallenge {\n      token\n      methods\n    }\n  }\n}\n\nmutation IssueTokens {\n  issueTokens {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation RefreshTokens($input: RefreshTokensInput!) {\n  refreshTokens(input: $input) {\n    accessToken\n    refreshToken\n  }\n}\n\nquery Employees($first: Int!, $after: String) {\n  employees(first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      cursor\n      node {\n        id\n        name\n        salary\n      }\n    }\n  }\n}\n\nmutation SetSalary($input: SetEmployeeSalaryInput!) {\n  setEmployeeSalary(input: $input) {\n    employee {\n      id\n      salary\n    }\n  }\n}\n\nsubscription AuditLog($after: String) {\n  auditEvents(after: $after) {\n    id\n    cursor\n    action\n  }\n}": typeof types.SignInDocument,
};
const documents: Documents = {
    "mutation SignIn($input: SignInInput!) {\n  signIn(input: $input) {\n    sessionToken\n    mfaChallenge {\n      token\n      methods\n    }\n  }\n}\n\nmutation IssueTokens {\n  issueTokens {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation RefreshTokens($input: RefreshTokensInput!) {\n  refreshTokens(input: $input) {\n    accessToken\n    refreshToken\n  }\n}\n\nquery Employees($first: Int!, $after: String) {\n  employees(first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      cursor\n      node {\n        id\n        name\n        salary\n      }\n    }\n  }\n}\n\nmutation SetSalary($input: SetEmployeeSalaryInput!) {\n  setEmployeeSalary(input: $input) {\n    employee {\n      id\n      salary\n    }\n  }\n}\n\nsubscription AuditLog($after: String) {\n  auditEvents(after: $after) {\n    id\n    cursor\n    action\n  }\n}": types.SignInDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SignIn($input: SignInInput!) {\n  signIn(input: $input) {\n    sessionToken\n    mfaChallenge {\n      token\n      methods\n    }\n  }\n}\n\nmutation IssueTokens {\n  issueTokens {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation RefreshTokens($input: RefreshTokensInput!) {\n  refreshTokens(input: $input) {\n    accessToken\n    refreshToken\n  }\n}\n\nquery Employees($first: Int!, $after: String) {\n  employees(first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      cursor\n      node {\n        id\n        name\n        salary\n      }\n    }\n  }\n}\n\nmutation SetSalary($input: SetEmployeeSalaryInput!) {\n  setEmployeeSalary(input: $input) {\n    employee {\n      id\n      salary\n    }\n  }\n}\n\nsubscription AuditLog($after: String) {\n  auditEvents(after: $after) {\n    id\n    cursor\n    action\n  }\n}"): (typeof documents)["mutation SignIn($input: SignInInput!) {\n  signIn(input: $input) {\n    sessionToken\n    mfaChallenge {\n      token\n      methods\n    }\n  }\n}\n\nmutation IssueTokens {\n  issueTokens {\n    accessToken\n    refreshToken\n  }\n}\n\nmutation RefreshTokens($input: RefreshTokensInput!) {\n  refreshTokens(input: $input) {\n    accessToken\n    refreshToken\n  }\n}\n\nquery Employees($first: Int!, $after: String) {\n  employees(first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      cursor\n      node {\n        id\n        name\n        salary\n      }\n    }\n  }\n}\n\nmutation SetSalary($input: SetEmployeeSalaryInput!) {\n  setEmployeeSalary(input: $input) {\n    employee {\n      id\n      salary\n    }\n  }\n}\n\nsubscription AuditLog($after: String) {\n  auditEvents(after: $after) {\n    id\n    cursor\n    action\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;