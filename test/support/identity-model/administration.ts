import { globalId } from '../server/world.ts';
import { administratorOf, memberOf, mutation, type Said, type Server, said } from './server.ts';
import type { Model, Role, User } from './state.ts';

// What an administrator of the company asks for, each for the rule of the same name.

type Shape = { selection?: string };

const by =
  <Args extends object>(
    name: string,
    input: (server: Server, args: Args) => object,
    { selection = '{ id }' }: Shape = {},
  ) =>
  async (server: Server, { people }: Model, args: Args): Promise<Said> => {
    const { company } = people['user' in args ? Number(args.user) : 0] as User;
    const answer = await server.world.ask(
      mutation(name, selection),
      { input: input(server, args) },
      await administratorOf(server, company),
    );
    return said(answer, (data) => (selection === KEY ? [data[name].token] : []));
  };

const member = (server: Server, { user }: { user: number }) => ({
  memberId: memberOf(server, user).id,
});

export const suspend = by('suspendMember', member);
export const restore = by('restoreMember', member);
export const disableFactors = by('disableMemberFactors', member);
export const resetGrace = by('resetMemberGrace', member);
export const setRole = by('setMemberRoles', (server, { user, role }: { user: number; role: Role }) => ({
  ...member(server, { user }),
  roles: [role],
}));

// Keys are Acme's.

const KEY = '{ token }';

/** A key's id is in its text. */
const keyOf = ({ given }: Server, key: number) => {
  const hex = given[key]?.text.split('_')[2] ?? '';
  return globalId('ApiKey', hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
};

export const makeKey = by(
  'createApiKey',
  ({ account }) => ({ serviceAccountId: account, name: 'Key', expiresInDays: 1 }),
  { selection: KEY },
);
export const rotateKey = by(
  'rotateApiKey',
  (server, { key }: { key: number }) => ({ apiKeyId: keyOf(server, key), overlapHours: 1 }),
  { selection: KEY },
);
export const revokeKey = by('revokeApiKey', (server, { key }: { key: number }) => ({
  apiKeyId: keyOf(server, key),
}));
export const disableAccount = by(
  'disableServiceAccount',
  ({ account }) => ({ serviceAccountId: account }),
  {},
);
