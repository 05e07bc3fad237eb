import { createClient } from 'graphql-sse';
import {
  Environment,
  type FetchFunction,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  Store,
  type SubscribeFunction,
} from 'relay-runtime';
import { graphql } from './relay-artifacts.ts';
import { isExpired, type Session } from './session.ts';

/**
 * Pages of this connection are appended in the store; React's `usePaginationFragment` asks for the
 * next one.
 */
export const employees = graphql`
  query relayEmployeesQuery($first: Int!, $after: String) {
    employees(first: $first, after: $after) @connection(key: "relay_employees") {
      edges {
        node {
          id
          name
          salary
        }
      }
    }
  }
`;

/** The payload has the changed employee, which Relay merges into the one in its store by the id. */
export const setSalary = graphql`
  mutation relaySetSalaryMutation($input: SetEmployeeSalaryInput!) {
    setEmployeeSalary(input: $input) {
      employee {
        id
        salary
      }
    }
  }
`;

export const auditLog = graphql`
  subscription relayAuditLogSubscription($after: String) {
    auditEvents(after: $after) {
      id
      cursor
      action
    }
  }
`;

/** Returns a Relay environment that signs its requests with the session's tokens. */
export const relayEnvironment = (session: Session): Environment =>
  new Environment({
    network: Network.create(fetchFrom(session), subscribeTo(session)),
    store: new Store(new RecordSource()),
  });

/** An error of the server with its code: one of docs/errors.md. */
export class ServerError extends Error {
  readonly code: string;

  constructor({ message, extensions }: Failure) {
    super(message);
    this.code = extensions.code;
  }
}

type Failure = { message: string; extensions: { code: string } };
type Answer = { data: unknown; errors?: Failure[] };

function fetchFrom(session: Session): FetchFunction {
  const run = async (query: string, variables: object): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', ...session.headers() };
    const body = JSON.stringify({ query, variables });
    return (await fetch(session.url, { method: 'POST', headers, body })).json() as Promise<Answer>;
  };
  return async ({ text }, variables) => {
    let answer = await run(text as string, variables);
    if (isExpired(answer.errors?.[0]?.extensions.code) && (await session.refresh()))
      answer = await run(text as string, variables);
    if (answer.errors?.[0]) throw new ServerError(answer.errors[0]);
    return answer as GraphQLResponse;
  };
}

/**
 * Subscriptions are server-sent events of the same address. A lost connection is an error, to
 * subscribe again after the last cursor: the client's own attempts would begin again at the first
 * one.
 */
function subscribeTo(session: Session): SubscribeFunction {
  const stream = createClient({ url: session.url, headers: () => session.headers(), retryAttempts: 0 });
  return ({ text }, variables) =>
    Observable.create((sink) => stream.subscribe({ query: text as string, variables }, sink as never));
}
