import {
  type InfiniteData,
  type InfiniteQueryObserverOptions,
  type MutationOptions,
  QueryClient,
  type QueryKey,
} from '@tanstack/query-core';
import {
  EmployeesDocument,
  type EmployeesQuery,
  SetSalaryDocument,
  type SetSalaryMutation,
  type SetSalaryMutationVariables,
} from './generated/graphql.ts';
import { type Ask, codeOf } from './graphql-request.ts';

/** Errors that a second try may not meet; all others are shown at once. */
const TRANSIENT = new Set<unknown>(['UNAVAILABLE', 'INTERNAL', undefined]);

export const queryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { retry: (count, error) => count < 2 && TRANSIENT.has(codeOf(error)) } },
  });

/**
 * For `useInfiniteQuery`: a page of the connection starts after the last cursor of the page before.
 */
export const employees = (ask: Ask, first: number): EmployeePages => ({
  queryKey: ['employees', first],
  queryFn: ({ pageParam }) => ask(EmployeesDocument, { first, after: pageParam }),
  initialPageParam: null,
  getNextPageParam: ({ employees: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
});

type EmployeePages = InfiniteQueryObserverOptions<
  EmployeesQuery,
  Error,
  InfiniteData<EmployeesQuery>,
  QueryKey,
  string | null
>;

/**
 * For `useMutation`: the payload has the changed employee, which replaces the one in the cached
 * pages.
 */
export const setSalary = (
  ask: Ask,
  cache: QueryClient,
): MutationOptions<SetSalaryMutation, Error, SetSalaryMutationVariables['input']> => ({
  mutationFn: (input) => ask(SetSalaryDocument, { input }),
  onSuccess: ({ setEmployeeSalary: { employee } }) => {
    cache.setQueriesData<InfiniteData<EmployeesQuery>>(
      { queryKey: ['employees'] },
      (data) => data && { ...data, pages: data.pages.map((page) => withEmployee(page, employee)) },
    );
  },
});

type Changed = SetSalaryMutation['setEmployeeSalary']['employee'];

const withEmployee = ({ employees: list }: EmployeesQuery, changed: Changed): EmployeesQuery => ({
  employees: {
    ...list,
    edges: list.edges.map((edge) =>
      edge.node.id === changed.id ? { ...edge, node: { ...edge.node, ...changed } } : edge,
    ),
  },
});
