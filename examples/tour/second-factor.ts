import { generateSync } from 'otplib';
import { connect } from '../client/client.ts';
import {
  CompleteSignInDocument,
  FinishTotpEnrolmentDocument,
  RemoveFactorDocument,
  SignInDocument,
  StartTotpEnrolmentDocument,
} from '../client/generated/graphql.ts';
import { type Guide, insist, refusal, type Step } from './guide.ts';

const ROLE = 'operator';

/** Returns the code of an authenticator app, now or some steps of 30 s later. */
const codeOf = (secret: string, later = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + later * 30 });

/** Enrols an app, signs in with it, and removes it. */
async function passwordAndCode({ url, as, password }: Guide): Promise<string[]> {
  const user = await as(ROLE);
  const { secret, uri } = (await user.ask(StartTotpEnrolmentDocument, {})).startTotpEnrolment;
  const first = codeOf(secret);
  const confirmed = await user.ask(FinishTotpEnrolmentDocument, { input: { code: first } });
  const enrolled = connect(url, { token: confirmed.finishTotpEnrolment.sessionToken ?? '' });
  try {
    const anonymous = connect(url);
    const { signIn } = await anonymous.ask(SignInDocument, {
      input: { email: user.email, password: password(ROLE) },
    });
    insist(
      signIn.sessionToken === null && signIn.mfaChallenge !== null,
      'the password alone started a session',
    );
    const answer = (code: string) =>
      anonymous.ask(CompleteSignInDocument, {
        input: { challengeToken: signIn.mfaChallenge?.token ?? '', method: 'TOTP', code },
      });
    const used = await refusal('INVALID_INPUT', answer(first));
    const { completeSignIn } = await answer(codeOf(secret, 1));
    insist(completeSignIn.sessionToken !== null, 'the correct code started no session');
    return [
      `${user.email} enrols an authenticator app (${uri.split('?')[0]}…); after the password, sign-in requires ${signIn.mfaChallenge?.methods}`,
      `the code that confirmed the app, used again: ${used}; the next one signs in, once`,
    ];
  } finally {
    await enrolled.ask(RemoveFactorDocument, { input: { method: 'TOTP' } });
  }
}

export const secondFactor: Step[] = [
  { title: 'sign-in with a password and a code of an authenticator app', see: passwordAndCode },
];
