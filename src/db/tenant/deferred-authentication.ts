import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import { currentDeadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import type { Use } from '../../shortcuts.ts';
import type { PrecedingStatement } from './pg-protocol.ts';

/** SQLSTATE of `require_identity` (chapter 17). */
export const IDENTITY_CHANGED = 'BW001';

/** A session, by the hash of its token, and the version of its cached identity. */
export type ExpectedIdentity = { key: string; version: string };

/** Aborts the transaction that it begins, unless the identity still has the version. */
export const requireIdentity = ({ key, version }: ExpectedIdentity): PrecedingStatement => ({
  text: 'SELECT require_identity($1, $2)',
  values: [key, version],
});

type State = 'pending' | 'verified' | 'changed';

/**
 * The authentication of a request that acts by its cached identity. PostgreSQL verifies the
 * identity ahead of the first statement, whichever that is: in the transaction of a write that
 * commits alone, else by authenticating the request. The answer waits for it as well.
 */
export class DeferredAuthentication {
  /** Whether a write was sent whose outcome is unknown. */
  mayHaveWritten = false;
  private state: State = 'pending';
  private underway: Promise<void> | undefined;
  private readonly expected: ExpectedIdentity;
  private readonly authenticate: () => Promise<boolean>;
  private readonly use: Use<'deferredAuthentication'>;

  /**
   * @param authenticate authenticates the request; resolves to whether its actor is the cached one
   */
  constructor(
    expected: ExpectedIdentity,
    authenticate: () => Promise<boolean>,
    use: Use<'deferredAuthentication'>,
  ) {
    this.expected = expected;
    this.authenticate = authenticate;
    this.use = use;
  }

  /**
   * Resolves once the identity is verified. Rejects with UNAUTHENTICATED where it has changed: this
   * request has written nothing then, and none of its statements is sent any more.
   */
  async verified(): Promise<void> {
    while (this.state === 'pending') await (this.underway ?? this.decide(this.authenticated()));
    if (this.state === 'changed') throw identityChanged();
  }

  /** Runs a transaction of one write, behind the statements that `commit` is given. */
  async verifiedBy<T>(commit: (first: PrecedingStatement[]) => Promise<T>): Promise<T> {
    if (this.underway || this.state !== 'pending') {
      await this.verified();
      return commit([]);
    }
    const written = commit([requireIdentity(this.expected)]);
    this.decide(
      written.then(
        () => this.committed(),
        (error) => this.failed(error),
      ),
    );
    return written;
  }

  /** Whatever else the request sends waits for the decision. */
  private decide(decision: Promise<State>): Promise<void> {
    this.underway = decision.then((state) => {
      this.state = state;
      this.underway = undefined;
      if (state === 'changed') this.use.fallbacks['identity changed'] += 1;
    });
    return this.underway;
  }

  private async authenticated(): Promise<State> {
    this.use.fallbacks.statement += 1;
    const same = await store.run(undefined, this.authenticate).catch(() => false);
    return same ? 'verified' : 'changed';
  }

  private committed(): State {
    this.use.used += 1;
    return 'verified';
  }

  /** Another error than the one about the identity does not tell whether that is current. */
  private failed(error: unknown): State {
    if ((error as pg.DatabaseError).code === IDENTITY_CHANGED) return 'changed';
    this.mayHaveWritten = currentDeadline()?.mayHaveCommitted ?? true;
    return 'pending';
  }
}

const identityChanged = () =>
  new AppError('UNAUTHENTICATED', 'Your session or your rights have changed; retry.');

const store = new AsyncLocalStorage<DeferredAuthentication | undefined>();

/** Runs a request whose authentication is deferred. */
export const withDeferredAuthentication = <T>(authentication: DeferredAuthentication, run: () => T): T =>
  store.run(authentication, run);

/** Returns the request's authentication where it is deferred. */
export const deferredAuthentication = (): DeferredAuthentication | undefined => store.getStore();
