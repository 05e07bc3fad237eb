import type { KeyAnomaly } from '../auth/api-keys/anomaly.ts';
import type { Factor } from '../auth/mfa/factor.ts';
import type { Templates } from './templates.ts';

const NOT_YOU =
  'Wenn Sie das nicht waren, setzen Sie Ihr Passwort zurück und geben Sie Ihrer Administration Bescheid.';

const factors: Record<Factor, string> = {
  totp: 'eine Authenticator-App',
  passkey: 'ein Passkey',
  email: 'ein Code per E-Mail',
  sms: 'ein Code per SMS',
  backupCode: 'ein Ersatzcode',
};
const anomalies: Record<KeyAnomaly, string> = {
  newNetwork: 'wurde aus einem Netz benutzt, aus dem er zuvor nicht benutzt wurde',
  awoken: 'wurde wieder benutzt, nachdem er monatelang unbenutzt war',
  refused: 'wurde heute oft abgelehnt',
};
const somewhere = (address: string | null) => address ?? 'einer unbekannten Adresse';

export const de: Templates = {
  verifySignUp: ({ company, link, hours }) => ({
    subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${company}`,
    text: `Jemand möchte mit dieser Adresse zu ${company} kommen. Wenn Sie das sind, geht es hier weiter:\n\n${link}\n\nDer Link gilt einmal und ${hours} Stunden lang. Wenn Sie das nicht waren, brauchen Sie nichts zu tun.\n`,
  }),
  alreadyMember: ({ company }) => ({
    subject: `Sie sind schon Mitglied von ${company}`,
    text: `Jemand möchte mit dieser Adresse zu ${company} kommen, die dort schon Mitglied ist. Melden Sie sich an, oder setzen Sie Ihr Passwort zurück, wenn Sie es vergessen haben.\n`,
  }),
  alreadyInvited: ({ company }) => ({
    subject: `Sie sind schon zu ${company} eingeladen`,
    text: `Jemand möchte mit dieser Adresse zu ${company} kommen, die dorthin schon eingeladen ist. Öffnen Sie den Link in jener Mail; wenn er abgelaufen ist, bitten Sie dort um einen neuen.\n`,
  }),
  signUpApproved: ({ company }) => ({
    subject: `Willkommen bei ${company}`,
    text: `Sie sind jetzt Mitglied von ${company} und können sich anmelden.\n`,
  }),
  signUpRefused: ({ company }) => ({
    subject: `Ihre Anfrage an ${company}`,
    text: `${company} hat Ihre Anfrage nicht angenommen.\n`,
  }),
  invitation: ({ company, link, days }) => ({
    subject: `Sie sind zu ${company} eingeladen`,
    text: `${company} hat Sie eingeladen. Wählen Sie hier Ihr Passwort:\n\n${link}\n\nDer Link gilt einmal und ${days} Tage lang.\n`,
  }),
  invitationToExistingUser: ({ company, link, days }) => ({
    subject: `Sie sind zu ${company} eingeladen`,
    text: `${company} hat Sie eingeladen. Nehmen Sie hier an, und melden Sie sich an wie immer:\n\n${link}\n\nDer Link gilt einmal und ${days} Tage lang. Wenn Sie nicht möchten, brauchen Sie nichts zu tun: Mitglied sind Sie erst, wenn Sie annehmen.\n`,
  }),
  resetPassword: ({ link, minutes }) => ({
    subject: 'Setzen Sie Ihr Passwort zurück',
    text: `Wählen Sie hier ein neues Passwort:\n\n${link}\n\nDer Link gilt einmal und ${minutes} Minuten lang. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.\n`,
  }),
  passwordChanged: ({ when }) => ({
    subject: 'Ihr Passwort wurde geändert',
    text: `Ihr Passwort wurde am ${when} geändert, und Ihre anderen Sitzungen wurden beendet.\n\n${NOT_YOU}\n`,
  }),
  accountLocked: ({ link, minutes }) => ({
    subject: 'Ihr Konto ist eine Weile gesperrt',
    text: `Für Ihr Konto wurden zu viele falsche Passwörter eingegeben; ${minutes} Minuten lang nimmt es keines mehr an. Wenn Sie das waren, entsperren Sie es hier:\n\n${link}\n\nWenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort wurde nicht erraten.\n`,
  }),
  tokenReused: ({ when, address }) => ({
    subject: 'Eine Ihrer Anmeldungen wurde beendet',
    text: `Am ${when} hat jemand von ${somewhere(address)} aus ein Token von Ihnen benutzt, das schon benutzt war. Vielleicht wurde es von einem Ihrer Geräte kopiert; die Anmeldung wurde darum dort und überall beendet.\n\nMelden Sie sich auf dem Gerät neu an, das danach fragt. Wenn das noch einmal geschieht, ändern Sie Ihr Passwort und geben Sie Ihrer Administration Bescheid.\n`,
  }),
  passkeyAdded: ({ when }) => ({
    subject: 'Ihrem Konto wurde ein Passkey hinzugefügt',
    text: `Am ${when} wurde Ihrem Konto ein Passkey hinzugefügt: Er meldet Sie ohne Passwort an.\n\nWenn Sie das nicht waren, entfernen Sie ihn, beenden Sie Ihre Sitzungen und geben Sie Ihrer Administration Bescheid.\n`,
  }),
  passkeyRemoved: ({ when }) => ({
    subject: 'Von Ihrem Konto wurde ein Passkey entfernt',
    text: `Am ${when} wurde von Ihrem Konto ein Passkey entfernt.\n\n${NOT_YOU}\n`,
  }),
  passkeyCopied: ({ address, when }) => ({
    subject: 'Einer Ihrer Passkeys wurde vielleicht kopiert',
    text: `Am ${when} wollte sich jemand von ${somewhere(address)} aus mit einem Ihrer Passkeys anmelden, dessen Zähler zurückgegangen ist: Vielleicht gibt es eine Kopie davon. Der Versuch wurde abgelehnt.\n\nEntfernen Sie diesen Passkey, fügen Sie einen neuen hinzu und geben Sie Ihrer Administration Bescheid.\n`,
  }),
  newDevice: ({ device, address, when }) => ({
    subject: 'Anmeldung von einem neuen Gerät',
    text: `Am ${when} hat sich jemand als Sie angemeldet, mit ${device ?? 'einem unbekannten Gerät'} von ${somewhere(address)} aus.\n\n${NOT_YOU}\n`,
  }),
  factorAdded: ({ factor, when }) => ({
    subject: 'Ein zweiter Faktor kam hinzu',
    text: `Seit ${when} gehört zu Ihrer Anmeldung auch ${factors[factor]}. Ihre anderen Sitzungen wurden beendet.\n\n${NOT_YOU}\n`,
  }),
  factorRemoved: ({ factor, when }) => ({
    subject: 'Ein zweiter Faktor wurde entfernt',
    text: `Seit ${when} gehört zu Ihrer Anmeldung nicht mehr ${factors[factor]}.\n\n${NOT_YOU}\n`,
  }),
  oneTimeCode: ({ code, minutes }) => ({
    subject: 'Ihr Code',
    text: `Ihr Code ist ${code}. Er gilt einmal und ${minutes} Minuten lang. Geben Sie ihn niemandem: Wir fragen nie danach.\n`,
  }),
  backupCodesMade: ({ when }) => ({
    subject: 'Sie haben neue Ersatzcodes',
    text: `Am ${when} wurden für Ihr Konto neue Ersatzcodes gemacht; die älteren gelten nicht mehr.\n\n${NOT_YOU}\n`,
  }),
  backupCodeUsed: ({ when }) => ({
    subject: 'Ein Ersatzcode wurde benutzt',
    text: `Am ${when} hat sich jemand mit Ihrem Passwort und einem Ihrer Ersatzcodes als Sie angemeldet; der Code ist damit verbraucht.\n\n${NOT_YOU}\n`,
  }),
  factorsDisabled: ({ when }) => ({
    subject: 'Ihre zweiten Faktoren wurden abgeschaltet',
    text: `Ihre Administration hat am ${when} Ihre zweiten Faktoren abgeschaltet, und Ihre Sitzungen wurden beendet. Melden Sie sich mit Ihrem Passwort an und fügen Sie einen neuen hinzu.\n\nWenn Sie nicht darum gebeten haben, geben Sie Ihrer Administration Bescheid.\n`,
  }),
  verifyRecoveryEmail: ({ link, hours }) => ({
    subject: 'Bestätigen Sie Ihre Wiederherstellungsadresse',
    text: `Jemand hat diese Adresse genannt, um damit ein Konto wiederherzustellen. Wenn Sie das waren, bestätigen Sie sie hier:\n\n${link}\n\nDer Link gilt einmal und ${hours} Stunden lang. Wenn Sie das nicht waren, brauchen Sie nichts zu tun.\n`,
  }),
  recoveryEmailSet: ({ when }) => ({
    subject: 'Ihre Wiederherstellungsadresse wurde geändert',
    text: `Am ${when} wurde die Adresse gesetzt, mit der sich Ihr Konto wiederherstellen lässt.\n\n${NOT_YOU}\n`,
  }),
  recovery: ({ link, hours }) => ({
    subject: 'Stellen Sie Ihr Konto wieder her',
    text: `Jemand, der das Passwort Ihres Kontos kennt, hat dessen zweite Faktoren verloren. Wenn Sie das sind, entfernen Sie sie hier und fügen Sie nach der Anmeldung neue hinzu:\n\n${link}\n\nDer Link gilt einmal und ${hours} Stunden lang. Wenn Sie das nicht waren, öffnen Sie ihn nicht, und ändern Sie Ihr Passwort.\n`,
  }),
  recoveryStarted: ({ when }) => ({
    subject: 'Die Wiederherstellung Ihres Kontos hat begonnen',
    text: `Am ${when} wollte jemand mit Ihrem Passwort Ihre zweiten Faktoren entfernen; ein Link ging an Ihre Wiederherstellungsadresse.\n\n${NOT_YOU}\n`,
  }),
  recovered: ({ when }) => ({
    subject: 'Ihre zweiten Faktoren wurden entfernt',
    text: `Am ${when} wurden Ihre zweiten Faktoren durch Wiederherstellung entfernt und alle Ihre Sitzungen beendet.\n\n${NOT_YOU}\n`,
  }),
  secondFactorLocked: ({ minutes }) => ({
    subject: 'Falsche Codes für Ihr Konto',
    text: `Für Ihr Konto wurden zu viele falsche Codes eingegeben; ${minutes} Minuten lang nimmt es keine dieser Art mehr an. Wer sie eingegeben hat, kennt Ihr Passwort: Wenn Sie das nicht waren, ändern Sie es jetzt.\n`,
  }),
  keyAnomaly: ({ anomaly, key, account, address, when }) => ({
    subject: 'An einem API-Schlüssel ist etwas ungewöhnlich',
    text: `Der API-Schlüssel „${key}“ des Dienstkontos „${account}“ ${anomalies[anomaly]}. Zuletzt geschah das am ${when}, von ${somewhere(address)} aus.\n\nWenn Sie wissen, warum, brauchen Sie nichts zu tun. Wenn nicht, widerrufen Sie den Schlüssel oder geben Sie ihm einen Nachfolger, und sehen Sie im Protokoll nach. Das wird einmal am Tag gemeldet.\n`,
  }),
};
