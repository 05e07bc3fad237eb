import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { generateSync } from 'otplib';
import { signAccessToken } from '../../../src/auth/tokens/access-token.ts';
import { mutationOf } from '../documents.ts';
import { from } from '../server/dev-mailbox.ts';
import { type Answer, admit, rowsOf, uuidOf, type World } from '../server/world.ts';
import { codeOf } from '../sign-in/credentials.ts';
import { type Clock, openClock } from './clock.ts';
import type { By } from './rules.ts';
import { begin, lasts, type Model, type Role } from './state.ts';

/**
 * The running server beside the model, with what it gave out: each under the name that the model
 * has for it.
 */
export type Server = {
  world: World;
  clock: Clock;
  people: Member[];
  /** A service account of Acme's. */
  account: string;
  given: Given[];
  /** Session tokens that came as cookies. */
  cookies: string[];
  /** What has been done, to tell when it goes wrong. */
  steps: string[];
};
/** `app` is their authenticator's secret, `waiting` that of one which is to be confirmed. */
export type Member = { id: string; userId: string; email: string; app?: string; waiting?: string };
/** `moved`: how far the rows had been moved by then. */
type Given = { text: string; moved: number };

/** What the server said, in the model's words, and the secrets that came with it. */
export type Said = { says: string; gives?: string[] };

const handles = { Acme: 'acme', Globex: 'globex' } as const;
export type Company = keyof typeof handles;
export const administratorOf = ({ world }: Pick<Server, 'world'>, company: Company) =>
  world.signIn('company_admin', handles[company]);

/** New people and a new service account, for one run. */
export async function enter(world: World): Promise<Server> {
  const people: Member[] = [];
  for (const { company, role } of begin().people) people.push(await invite(world, company, role));
  const { createServiceAccount } = done(
    await world.ask(
      'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { serviceAccount { id } } }',
      { input: { name: crypto.randomUUID(), roles: ['client'] } },
      await administratorOf({ world }, 'Acme'),
    ),
  );
  const clock = await openClock(world, {
    people: people.map(({ userId }) => userId),
    emails: people.map(({ email }) => email),
    account: uuidOf(createServiceAccount.serviceAccount.id),
  });
  return {
    world,
    clock,
    people,
    account: createServiceAccount.serviceAccount.id,
    given: [],
    cookies: [],
    steps: [],
  };
}

async function invite(world: World, company: Company, role: Role): Promise<Member> {
  const email = `${crypto.randomUUID()}@model.example`;
  const { inviteMember } = done(
    await world.ask(
      'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
      { input: { email, name: 'Model', roles: [role] } },
      await administratorOf({ world }, company),
    ),
  );
  await admit(world, email);
  const [{ id: userId }] = await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [email]);
  return { id: inviteMember.member.id, userId, email };
}

export function done({ errors, data }: Answer) {
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

export const memberOf = ({ people }: Server, user: number): Member => people[user] as Member;

/** A request of its own address, since a whole network is locked out too. */
export async function ask(
  server: Server,
  model: Model,
  document: string,
  input: object | null = null,
  by: By | null = null,
): Promise<Answer> {
  const text = by && (await textOf(server, model, by.secret));
  const bearer = by?.way === 'bearer' && text ? text : undefined;
  const answer = await server.world.ask(document, input ? { input } : {}, bearer, {
    ...from(),
    ...(by?.way === 'cookie' && { cookie: `bulwark=${text}` }),
  });
  server.cookies.push(
    ...answer.headers.getSetCookie().flatMap((cookie) => /^bulwark=([\w-]+);/.exec(cookie)?.[1] ?? []),
  );
  return answer;
}

/**
 * A secret as it was given. An access token carries its times within it, so it is signed again: the
 * one that would have been given so long ago.
 */
export async function textOf(
  { given, clock, world }: Server,
  { secrets }: Model,
  id: number,
): Promise<string> {
  const { text, moved } = given[id] as Given;
  const older = clock.moved() - moved;
  if (secrets[id]?.kind !== 'access' || older === 0) return text;
  const { jti, sid, sub, company, iat } = decodeJwt(text);
  return signAccessToken(world.services.signingKeys, world.config, {
    ...{ id: jti as string, session: sid as string, userId: sub as string, companyId: company as string },
    issuedAt: new Date((Number(iat) - older) * 1000),
  });
}

/** What came as a cookie alone since this was asked last, and was not known before. */
export function newCookies({ cookies, given }: Server, { gives = [] }: Said): string[] {
  const known = new Set([...given.map(({ text }) => text), ...gives]);
  return [...new Set(cookies.splice(0))].filter((token) => !known.has(token));
}

/** One mutation with an input of the type that is named after it. */
export const mutation = (name: string, selection = '') => mutationOf(name, selection);

/** The answer's code, and where it is `ok` what it holds. */
export const said = (answer: Answer, gives: (data: Answer['data']) => (string | null)[] = () => []): Said =>
  answer.errors
    ? { says: codeOf(answer) }
    : { says: 'ok', gives: gives(answer.data).filter((text) => text !== null) };

/** The session that the model knows by this number, as clients name it. */
export function publicIdOf({ given }: Server, { secrets }: Model, session: number): string {
  const latest = secrets.findLastIndex(
    (secret) => (secret.kind === 'session' || secret.kind === 'access') && secret.session === session,
  );
  const { text } = given[latest] as Given;
  const id = text.includes('.') ? String(decodeJwt(text).sid) : hashOf(text);
  return id.slice(0, 12);
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The code of an authenticator app at the server's present step, or so many steps from it. */
export const codeAt = ({ clock }: Server, secret: string, steps = 0): string =>
  generateSync({ secret, epoch: (clock.step() + steps) * lasts.codeStep });

/** A code of none of the steps that could be taken now. */
export function wrongCode(server: Server, secret: string): string {
  const right = [-2, -1, 0, 1, 2].map((steps) => codeAt(server, secret, steps));
  const tried = ['000000', '111111', '222222', '333333', '444444', '555555'];
  return tried.find((code) => !right.includes(code)) as string;
}
