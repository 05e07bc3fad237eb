import fc from 'fast-check';

/**
 * A statement or two of a transaction, on one of the rows that all connections of a company share.
 */
export type Step =
  | { kind: 'create' | 'upsert' | 'update' | 'change back'; slot: number; name: string }
  | { kind: 'update without a change' | 'delete'; slot: number }
  | { kind: 'create many'; name: string; count: number }
  | { kind: 'update all'; suffix: string }
  | { kind: 'delete many' }
  | { kind: 'create a parent'; slot: number; children: number }
  | { kind: 'delete a parent'; slot: number }
  | { kind: 'delete the company' | 'create the company' }
  | { kind: 'append an event' | 'write events early' }
  | { kind: 'savepoint'; steps: Step[]; end: 'ROLLBACK TO' | 'RELEASE' };

/** `kill`: the backend is terminated before COMMIT, or while it runs. */
export type Transaction = {
  company: number;
  isolation: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  declaration: 'first' | 'last' | 'none';
  steps: Step[];
  end: 'COMMIT' | 'ROLLBACK' | 'kill before' | 'kill during';
};

/** What each of some connections does, one transaction after the other, beside the others. */
export type Program = { companies: number; connections: Transaction[][] };

export const SLOTS = 4;

const slot = fc.nat({ max: SLOTS - 1 });
const name = fc
  .tuple(fc.constantFrom('a', 'ü"\\', '😀\n', "'); --"), fc.nat({ max: 99 }))
  .map(([text, number]) => `${text}${number}`);
const of = <Kind extends Step['kind']>(...kinds: [Kind, ...Kind[]]) => fc.constantFrom(...kinds);
const asStep = (arbitrary: fc.Arbitrary<unknown>) => arbitrary as fc.Arbitrary<Step>;

const plain = fc.oneof(
  { weight: 6, arbitrary: asStep(fc.record({ kind: of('create', 'upsert', 'update'), slot, name })) },
  { weight: 1, arbitrary: asStep(fc.record({ kind: of('change back'), slot, name })) },
  { weight: 3, arbitrary: asStep(fc.record({ kind: of('update without a change', 'delete'), slot })) },
  {
    weight: 1,
    arbitrary: asStep(fc.record({ kind: of('create many'), name, count: fc.integer({ min: 2, max: 5 }) })),
  },
  { weight: 2, arbitrary: asStep(fc.record({ kind: of('update all'), suffix: fc.constantFrom('', '!') })) },
  { weight: 1, arbitrary: asStep(fc.record({ kind: of('delete many') })) },
  {
    weight: 2,
    arbitrary: asStep(fc.record({ kind: of('create a parent'), slot, children: fc.nat({ max: 3 }) })),
  },
  { weight: 2, arbitrary: asStep(fc.record({ kind: of('delete a parent'), slot })) },
  { weight: 1, arbitrary: asStep(fc.record({ kind: of('delete the company', 'create the company') })) },
  { weight: 2, arbitrary: asStep(fc.record({ kind: of('append an event', 'write events early') })) },
);

const { step } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 5, arbitrary: plain },
    {
      weight: 1,
      arbitrary: asStep(
        fc.record({
          kind: of('savepoint'),
          steps: fc.array(tie('step'), { minLength: 1, maxLength: 4 }),
          end: fc.constantFrom('ROLLBACK TO', 'RELEASE'),
        }),
      ),
    },
  ),
}));

const transaction = (companies: number): fc.Arbitrary<Transaction> =>
  fc.record({
    company: fc.nat({ max: companies - 1 }),
    isolation: weighted<Transaction['isolation']>(
      [6, 'READ COMMITTED'],
      [1, 'REPEATABLE READ'],
      [1, 'SERIALIZABLE'],
    ),
    declaration: weighted<Transaction['declaration']>([4, 'first'], [4, 'last'], [1, 'none']),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    end: weighted<Transaction['end']>([8, 'COMMIT'], [1, 'ROLLBACK'], [1, 'kill before'], [1, 'kill during']),
  });

const weighted = <Value>(...values: [weight: number, value: Value][]): fc.Arbitrary<Value> =>
  fc.oneof(...values.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

/** Two to four companies, from three or four connections. */
export const programs: fc.Arbitrary<Program> = fc.integer({ min: 2, max: 4 }).chain((companies) =>
  fc.record({
    companies: fc.constant(companies),
    connections: fc.array(fc.array(transaction(companies), { minLength: 1, maxLength: 5 }), {
      minLength: 3,
      maxLength: 4,
    }),
  }),
);
