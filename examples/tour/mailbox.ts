import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../client/client.ts';
import {
  AcceptInvitationDocument,
  CompanyNameDocument,
  InviteMemberDocument,
  MembersDocument,
  RemoveMemberDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  SetSignUpModeDocument,
  SignInDocument,
  SignUpDocument,
  VerifyEmailDocument,
} from '../client/generated/graphql.ts';
import { type Guide, insist, refusal, type Step, type Visitor } from './guide.ts';

/** No other step uses Globex. */
const COMPANY = 'Globex';
const WAIT_MS = 5_000;

const newAddress = (): string => `${crypto.randomUUID()}@tour.example`;
/**
 * Two words, for one with digits around it is a common password; and groups of three digits, for
 * one of four letters or digits could stand in the random address too, and a password may not hold
 * a piece of it.
 */
const newPassword = (): string =>
  ['Walking-Lantern', ...Array.from({ length: 6 }, () => randomInt(100, 1000))].join('-');

type Mail = { to: string; subject: string; text: string };

/** Returns the mails of the dev mailbox for an address, newest first. */
async function mailsTo({ url }: Guide, email: string): Promise<Mail[]> {
  const answer = await fetch(new URL('/dev/mail.json', url));
  insist(answer.ok, `${url} keeps no mails: they are at /dev/mail in development, while SMTP_URL is not set`);
  return ((await answer.json()) as Mail[]).filter(({ to }) => to === email);
}

/**
 * Waits for the latest mail with this subject and returns the token of its link. Mails are written
 * after the answer.
 */
async function linkIn(guide: Guide, email: string, subject: RegExp): Promise<string> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
    const mail = (await mailsTo(guide, email)).find((one) => subject.test(one.subject));
    const token = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    if (token) return token;
  }
  throw new Error(`no mail ${subject} came to ${email}`);
}

/** Removes the user of a step, so that the tour can run again. */
async function remove({ ask }: Visitor, email: string): Promise<void> {
  const { members } = await ask(MembersDocument, { first: 100 });
  const memberId = members.edges.find(({ node }) => node.email === email)?.node.id;
  if (memberId) await ask(RemoveMemberDocument, { input: { memberId } });
}

const signsIn = async ({ url }: Guide, email: string, password: string) =>
  (await connect(url).ask(SignInDocument, { input: { email, password } })).signIn;

async function joining(guide: Guide): Promise<string[]> {
  const admin = await guide.as('company_admin', COMPANY);
  const { ask } = connect(guide.url);
  const email = newAddress();
  const { signInPolicy } = (await admin.ask(SetSignUpModeDocument, { mode: 'OPEN' })).setSignInPolicy;
  try {
    const apply = (address: string) =>
      ask(SignUpDocument, { input: { companyId: admin.companyId, email: address, name: 'Sam Stranger' } });
    const answerTo = async (address: string) =>
      JSON.stringify(await apply(address)).replace(address, '<the address>');
    const answers = [await answerTo(email), await answerTo(admin.email)];
    insist(answers[0] === answers[1], `a stranger is answered ${answers[0]}, a member ${answers[1]}`);
    const token = await linkIn(guide, email, /^Confirm your e-mail address/);
    const password = newPassword();
    const verify = () => ask(VerifyEmailDocument, { input: { token, password } });
    insist((await verify()).verifyEmail.outcome === 'MEMBER', 'a verified user is not a member');
    const again = await refusal('NOT_FOUND', verify());
    const { viewer } = await signsIn(guide, email, password);
    insist(viewer?.company.id === admin.companyId, 'the new member cannot sign in');
    return [
      `signUp answers strangers and members alike: ${answers[0]}; the mail is in the mailbox`,
      `${email} verifies the address, chooses a password, and is a member as ${signInPolicy.signUpRoles}`,
      `the link used again: ${again}`,
    ];
  } finally {
    await admin.ask(SetSignUpModeDocument, { mode: 'INVITATION' });
    await remove(admin, email);
  }
}

async function forgetting(guide: Guide): Promise<string[]> {
  const admin = await guide.as('company_admin', COMPANY);
  const { ask } = connect(guide.url);
  const email = newAddress();
  const [forgotten, password] = [newPassword(), newPassword()];
  try {
    const input = { email, name: 'Ina Invited', roles: ['client'] };
    const { member } = (await admin.ask(InviteMemberDocument, { input })).inviteMember;
    insist(member.status === 'INVITED', `an invited user has the status ${member.status}`);
    const invitation = await linkIn(guide, email, /^You are invited/);
    await ask(AcceptInvitationDocument, { input: { token: invitation, password: forgotten } });
    const before = connect(guide.url, { token: (await signsIn(guide, email, forgotten)).sessionToken ?? '' });

    const wish = async (address: string) =>
      JSON.stringify(await ask(RequestPasswordResetDocument, { input: { email: address } })).replace(
        address,
        '<the address>',
      );
    const answers = [await wish(email), await wish(newAddress())];
    insist(answers[0] === answers[1], `a member is answered ${answers[0]}, a stranger ${answers[1]}`);
    const token = await linkIn(guide, email, /^Reset your password/);
    const reset = (chosen: string) => ask(ResetPasswordDocument, { input: { token, password: chosen } });
    const weak = await refusal('INVALID_INPUT', reset('password1234'));
    await reset(password);
    const again = await refusal('NOT_FOUND', reset(newPassword()));
    const ended = await refusal('UNAUTHENTICATED', before.ask(CompanyNameDocument, {}));
    await refusal('UNAUTHENTICATED', signsIn(guide, email, forgotten));
    insist(
      (await signsIn(guide, email, password)).sessionToken !== null,
      'the new password does not sign in',
    );
    return [
      `${email} was invited, accepted by a link, chose a password and forgot it; a common password instead: ${weak}`,
      `the reset link used again: ${again}; the previous session: ${ended}`,
    ];
  } finally {
    await remove(admin, email);
  }
}

export const mailbox: Step[] = [
  { title: 'a stranger joins with a verified address, and no answer reveals who is a member', see: joining },
  { title: 'a forgotten password is reset by a link that works once', see: forgetting },
];
