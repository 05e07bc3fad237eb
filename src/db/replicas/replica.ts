import type pg from 'pg';
import { currentDeadline, Deadline, outOfTime, withDeadline } from '../../deadline.ts';
import { endsConnection } from '../tenant/connection-state.ts';
import { IDENTITY_CHANGED } from '../tenant/deferred-authentication.ts';
import { TenantPool, type TenantPoolConfig } from '../tenant/pool.ts';
import { type RequiredState, requireState } from '../tenant/required-state.ts';

/** The part of a request's time that a replica gets: the primary needs the rest. */
const PART_OF_TIME = 0.25;

/** How far a replica is behind the primary; seconds are at most one more than they are. */
export type Lag = { bytes: number; seconds: number };

type Options = Omit<TenantPoolConfig, 'parses'> & {
  connectionString: string;
  /** Hears why the replica is left out from now on, or null once it is used. */
  onChange: (reason: string | null) => void;
};

/** A standby that answers reads for callers whose state it has replayed. */
export class Replica {
  /** Host and port. */
  readonly name: string;
  readonly pool: TenantPool;
  lag: Lag | null = null;
  readonly reads = { answered: 0, notReplayed: 0, failed: 0 };
  #leftOut: string | null = 'it has not been measured yet';
  readonly #onChange: Options['onChange'];
  /** The time of each read that is under way. */
  readonly #running = new Set<Deadline>();

  constructor({ onChange, ...config }: Options) {
    const { host } = new URL(config.connectionString); // without user and password
    this.name = host;
    this.pool = new TenantPool({ ...config, parses: [requireState({ key: '', version: '' }, '')] });
    this.#onChange = onChange;
  }

  /** Why queries do not use it; null while they do. */
  get leftOut(): string | null {
    return this.#leftOut;
  }

  /** Reads that are under way go to the primary. */
  leaveOut(reason: string): void {
    if (reason === this.#leftOut) return;
    this.#leftOut = reason;
    for (const part of this.#running) part.end(outOfTime());
    this.#onChange(reason);
  }

  takeIn(): void {
    if (this.#leftOut === null) return;
    this.pool.renew(); // connections may lead to what it was before
    this.#leftOut = null;
    this.#onChange(null);
  }

  /**
   * Runs a read as the caller's tenant. Returns null where the primary has to answer: the replica
   * has not replayed the caller's state, or fails. Rejects with the reason of the request's
   * deadline.
   */
  async read({ identity, head }: RequiredState, statement: object): Promise<pg.QueryResult | null> {
    const known = await head;
    if (known === null) return null;
    try {
      const result = await this.#inPart(() => this.pool.readBehind(requireState(identity, known), statement));
      this.reads.answered += 1;
      return result;
    } catch (error) {
      const reason = currentDeadline()?.reason;
      if (reason) throw reason;
      this.#failed(error as pg.DatabaseError);
      return null;
    }
  }

  /** An error of the statement itself repeats on the primary, and tells nothing of the replica. */
  #failed(error: pg.DatabaseError): void {
    this.reads[error.code === IDENTITY_CHANGED ? 'notReplayed' : 'failed'] += 1;
    if (endsConnection(error)) this.leaveOut('a read failed: it does not answer');
  }

  /** Runs `run` for a part of a request's time, and not beyond the request's own deadline. */
  async #inPart<T>(run: () => Promise<T>): Promise<T> {
    const part = new Deadline();
    const timer = setTimeout(() => part.end(outOfTime()), this.pool.requestTimeout * PART_OF_TIME);
    const forget = currentDeadline()?.onEnd((reason) => part.end(reason));
    this.#running.add(part);
    try {
      return await withDeadline(part, run);
    } finally {
      clearTimeout(timer);
      forget?.();
      this.#running.delete(part);
    }
  }
}
