import { connect } from '../client/client.ts';
import {
  CompanyNameDocument,
  CreateApiKeyDocument,
  CreateServiceAccountDocument,
  DisableServiceAccountDocument,
  EmployeesDocument,
  IssueTokensDocument,
  RefreshTokensDocument,
  RevokeApiKeyDocument,
  RotateApiKeyDocument,
  SetSalaryDocument,
  SignInDocument,
} from '../client/generated/graphql.ts';
import { type Guide, insist, refusal, type Step } from './guide.ts';

const ROLE = 'manager';

/** Signs in with tokens, as a mobile app does. */
async function appOf({ url, as, password }: Guide) {
  const { email } = await as(ROLE);
  const input = { email, password: password(ROLE) };
  const { signIn } = await connect(url).ask(SignInDocument, { input });
  const { issueTokens } = await connect(url, { token: signIn.sessionToken ?? '' }).ask(
    IssueTokensDocument,
    {},
  );
  return issueTokens;
}

const twice = (token: string) => `${token.slice(0, 12)}…${token.slice(-4)}`;

async function refreshes(guide: Guide): Promise<string[]> {
  const { url, owner } = guide;
  const first = await appOf(guide);
  const refresh = () =>
    connect(url).ask(RefreshTokensDocument, { input: { refreshToken: first.refreshToken } });
  const pairs = await Promise.all(Array.from({ length: 20 }, refresh));
  const tokens = new Set(pairs.map(({ refreshTokens }) => refreshTokens.refreshToken));
  insist(tokens.size === 1, `20 concurrent refreshes returned ${tokens.size} successors`);
  const { accessToken } = (pairs[0] as (typeof pairs)[number]).refreshTokens;
  const { company } = await connect(url, { token: accessToken }).ask(CompanyNameDocument, {});
  // as if eleven seconds had passed
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
  await owner(
    `UPDATE "RefreshToken" SET "usedAt" = "usedAt" - interval '11 seconds' WHERE "sessionId" = $1`,
    [claims.sid],
  );
  const replayed = await refusal('UNAUTHENTICATED', refresh());
  const ended = await refusal(
    'UNAUTHENTICATED',
    connect(url, { token: accessToken }).ask(CompanyNameDocument, {}),
  );
  return [
    `20 concurrent refreshes returned one successor, ${twice([...tokens][0] ?? '')}; its access token acts in ${company.name}`,
    `the old refresh token eleven seconds later: ${replayed}`,
    `and the session is revoked, audited as token.reused: ${ended}`,
  ];
}

async function keys({ url, as }: Guide): Promise<string[]> {
  const admin = await as('company_admin');
  const {
    createServiceAccount: { serviceAccount: account },
  } = await admin.ask(CreateServiceAccountDocument, {
    input: { name: `Tour ${crypto.randomUUID()}`, roles: ['external_auditor'] },
  });
  const { createApiKey: made } = await admin.ask(CreateApiKeyDocument, {
    input: { serviceAccountId: account.id, name: 'Tour', expiresInDays: 1 },
  });
  const program = connect(url, { token: made.token });
  const { employees } = await program.ask(EmployeesDocument, { first: 5 });
  const [employee] = employees.edges;
  insist(employee !== undefined && employee.node.salary === null, 'the key sees no employee, or pay');
  const change = { input: { employeeId: employee.node.id, salary: '1.00' } };
  const refused = await refusal('FORBIDDEN', program.ask(SetSalaryDocument, change));
  const another = { input: { serviceAccountId: account.id, name: 'Mine' } };
  const minted = await refusal('FORBIDDEN', program.ask(CreateApiKeyDocument, another));
  const { rotateApiKey: next } = await admin.ask(RotateApiKeyDocument, {
    input: { apiKeyId: made.apiKey.id },
  });
  await program.ask(EmployeesDocument, { first: 1 }); // both work
  await admin.ask(RevokeApiKeyDocument, { input: { apiKeyId: made.apiKey.id } });
  const revoked = await refusal('UNAUTHENTICATED', program.ask(EmployeesDocument, { first: 1 }));
  await connect(url, { token: next.token }).ask(EmployeesDocument, { first: 1 });
  await admin.ask(DisableServiceAccountDocument, { input: { serviceAccountId: account.id } });
  return [
    `the key ${twice(made.token)} reads ${employees.totalCount} employees; setSalary: ${refused}`,
    `createApiKey with it: ${minted}`,
    `revoked, while the rotated key works: ${revoked}`,
  ];
}

export const tokens: Step[] = [
  { title: 'concurrent refreshes succeed, and a replayed refresh token revokes the session', see: refreshes },
  { title: 'an API key has the permissions of its roles, and manages no account', see: keys },
];
