import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { connectAs } from '../audit-scene.ts';
import type { Program, Transaction } from './programs.ts';
import { type Company, declarationOf, isRefusal, newIds, perform } from './steps.ts';

/** How a transaction ended by its client's account; `unknown` when its connection broke. */
export type Outcome = { label: string; company: string; ended: 'committed' | 'refused' | 'unknown' };

/** Makes a company as each program finds it, in a transaction of its own. */
async function makeCompany(appUrl: string): Promise<[Company, Outcome]> {
  const company = newIds();
  const connection = new Connection(appUrl, '');
  const outcome = await connection.run(company, {
    company: 0,
    isolation: 'READ COMMITTED',
    declaration: 'last',
    steps: [{ kind: 'create the company' }],
    end: 'COMMIT',
  });
  await connection.end();
  return [company, outcome];
}

/** Runs each connection's transactions one after the other, the connections side by side. */
export async function execute(
  appUrl: string,
  ownerUrl: string,
  program: Program,
): Promise<{ companies: Company[]; outcomes: Outcome[] }> {
  const made = await Promise.all(Array.from({ length: program.companies }, () => makeCompany(appUrl)));
  const companies = made.map(([company]) => company);
  const outcomes = made.map(([, outcome]) => outcome);
  await Promise.all(
    program.connections.map(async (transactions) => {
      const connection = new Connection(appUrl, ownerUrl);
      for (const one of transactions)
        outcomes.push(await connection.run(companies[one.company] as Company, one));
      await connection.end();
    }),
  );
  return { companies, outcomes };
}

/** A connection as the server's role; a killed one is replaced by the next transaction's. */
class Connection {
  readonly #appUrl: string;
  readonly #ownerUrl: string;
  #db: pg.Client | undefined;

  constructor(appUrl: string, ownerUrl: string) {
    this.#appUrl = appUrl;
    this.#ownerUrl = ownerUrl;
  }

  async run(company: Company, transaction: Transaction): Promise<Outcome> {
    const label = uuidv7();
    this.#db ??= await connectAs(this.#appUrl, '');
    const ended = await this.#attempt(this.#db, company, transaction, label).catch((error) =>
      this.#failed(error),
    );
    return { label, company: company.id, ended };
  }

  async end(): Promise<void> {
    await this.#db?.end().catch(() => {});
    this.#db = undefined;
  }

  async #attempt(
    db: pg.Client,
    company: Company,
    { isolation, declaration, steps, end }: Transaction,
    label: string,
  ): Promise<Outcome['ended']> {
    const declared = declarationOf(label);
    await db.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    await db.query(`SELECT set_config('app.company_id', $1, true), set_config('app.label', $2, true)`, [
      company.id,
      label,
    ]);
    if (declaration === 'first') await db.query(declared);
    for (const step of steps) await perform({ db, company, label }, step);
    if (declaration === 'last') await db.query(declared);
    if (end === 'kill before') await this.#kill(db);
    const killed = end === 'kill during' ? this.#kill(db) : undefined;
    const { command } = await db.query(end === 'ROLLBACK' ? 'ROLLBACK' : 'COMMIT').finally(() => killed);
    return command === 'COMMIT' ? 'committed' : 'refused';
  }

  async #failed(error: Error & { code?: string }): Promise<Outcome['ended']> {
    const broken = error.code === '57P01' || /terminated|not queryable|ECONNRESET/.test(error.message);
    if (!broken && !isRefusal(error)) throw error;
    if (broken) await this.end();
    else await this.#db?.query('ROLLBACK').catch(() => this.end());
    return broken ? 'unknown' : 'refused';
  }

  async #kill(db: pg.Client): Promise<void> {
    const owner = await connectAs(this.#ownerUrl, '');
    await owner.query('SELECT pg_terminate_backend($1)', [
      (db as unknown as { processID: number }).processID,
    ]);
    await owner.end();
  }
}
