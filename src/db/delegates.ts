import { guarantees, type ModelName } from './guarantees.gen.ts';
import type { Operation, OperationShape } from './operations/operations.ts';
import { uniqueFilter } from './operations/unique-selector.ts';

export type Args = Record<string, unknown>;
/** A call of a model's method: the operation that it runs as, and Prisma's name of the model. */
export type Call = { model: ModelName; delegate: string; operation: string; args: Args };
type Run<Own> = (own: Own, call: Call) => Promise<unknown>;
type Methods = [name: string, shape: OperationShape][];

/**
 * Makes clients with these methods of every model, its field references where `client` gives them,
 * and the methods of `base`. Models and methods are made once; a client adds only what is its own.
 */
export function delegatesOf<Own>(
  methods: Methods,
  run: Run<Own>,
  { base = {}, client = {} }: { base?: object; client?: object } = {},
): (own: Own) => object {
  const prototype = Object.create(base);
  for (const model of Object.keys(guarantees) as ModelName[]) {
    const delegate = `${model[0]?.toLowerCase()}${model.slice(1)}`;
    const calls = Object.fromEntries(methods.map((method) => callOf(method, { model, delegate }, run)));
    Object.assign(calls, { fields: Reflect.get(client, delegate)?.fields });
    Object.defineProperty(prototype, delegate, {
      get(this: { own: Own }) {
        return Object.create(calls, { own: { value: this.own } });
      },
    });
  }
  return (own) => Object.create(prototype, { own: { value: own } });
}

function callOf<Own>(
  [name, { runsAs }]: Methods[number],
  of: Pick<Call, 'model' | 'delegate'>,
  run: Run<Own>,
) {
  const plain = (own: Own, args: Args) => run(own, { ...of, operation: name, args });
  const asFilter = async (own: Own, args: Args) => {
    const where = uniqueFilter(of.model, args.where as Args);
    return run(own, { ...of, operation: runsAs as string, args: { ...args, where } });
  };
  const call = runsAs ? asFilter : plain;
  return [
    name,
    function (this: { own: Own }, args: Args = {}) {
      return call(this.own, args);
    },
  ];
}

/** Returns what runs an operation on one of Prisma's clients. */
export function queryOf(client: object, { delegate, operation }: Omit<Call, 'args'>): Operation['query'] {
  const model = Reflect.get(client, delegate) as Record<string, Operation['query']>;
  return (args) => (model[operation] as Operation['query'])(args);
}
