import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { IssueTokensDocument, RefreshTokensDocument, SignInDocument } from './generated/graphql.ts';

/**
 * Kept in memory, or in the secure storage of the platform; where a page's scripts can read them,
 * they can be stolen.
 */
export type Tokens = { accessToken: string; refreshToken: string };
type Answer<Data> = { data?: Data; errors?: { message: string; extensions: { code: string } }[] };

/**
 * The tokens of one user: an access token for 15 minutes and a refresh token for seven days. Every
 * recipe of this folder uses it. Pages on the server's own site need none of this: they get a
 * cookie, which renews itself.
 */
export class Session {
  readonly url: string;
  tokens: Tokens | null;
  #refreshing: Promise<boolean> | null = null;

  constructor(url: string, tokens: Tokens | null = null) {
    this.url = url;
    this.tokens = tokens;
  }

  async signIn(email: string, password: string): Promise<void> {
    const { signIn } = await this.#ask(SignInDocument, { input: { email, password } });
    if (!signIn.sessionToken) throw new Error('A second factor is required: see docs/sign-in.md.');
    const { issueTokens } = await this.#ask(IssueTokensDocument, {}, signIn.sessionToken);
    this.tokens = issueTokens;
  }

  headers(): Record<string, string> {
    return this.tokens ? { authorization: `Bearer ${this.tokens.accessToken}` } : {};
  }

  /**
   * Renews the tokens, once for all that wait. Resolves to false when the user has to sign in
   * again.
   */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #renew(): Promise<boolean> {
    if (!this.tokens) return false;
    const { refreshToken } = this.tokens;
    try {
      this.tokens = (await this.#ask(RefreshTokensDocument, { input: { refreshToken } })).refreshTokens;
    } catch (error) {
      if (!(error instanceof Error) || error.cause !== 'UNAUTHENTICATED') throw error;
      this.tokens = null;
    }
    return this.tokens !== null;
  }

  async #ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    token?: string,
  ): Promise<Data> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const { data, errors } = (await response.json()) as Answer<Data>;
    if (errors?.[0]) throw new Error(errors[0].message, { cause: errors[0].extensions.code });
    return data as Data;
  }
}

/** The codes of docs/errors.md that mean: renew the tokens and send the request again. */
export const isExpired = (code: unknown): boolean => code === 'UNAUTHENTICATED';
