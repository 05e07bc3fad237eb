import type { Factor } from '../auth/authorization/factor.ts';
import type { KeyAnomaly, Operation, Templates } from './template-data.ts';

const NOT_YOU =
  'Wenn Sie das nicht waren, setzen Sie Ihr Passwort zurück und informieren Sie Ihre Administration.';

const factors: Record<Factor, string> = {
  totp: 'Authenticator-App',
  passkey: 'Passkey',
  email: 'Codes per E-Mail',
  sms: 'Codes per SMS',
  backupCode: 'Ersatzcodes',
};
const anomalies: Record<KeyAnomaly, string> = {
  newNetwork: 'wurde aus einem neuen Netz benutzt',
  awoken: 'wurde nach Monaten wieder benutzt',
  refused: 'wurde heute oft abgelehnt',
};
const from = (address: string | null) => address ?? 'einer unbekannten Adresse';

const operations: Record<Operation, string> = {
  restore: 'das Einspielen einer Sicherung in die Datenbank',
  reset: 'das Löschen aller Daten in der Datenbank',
};

export const de: Templates = {
  verifySignUp: ({ company, link, hours }) => ({
    subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${company}`,
    text: `Mit dieser Adresse wurde die Aufnahme bei ${company} beantragt. Wenn Sie das waren, geht es hier weiter:\n\n${link}\n\nDer Link gilt einmal und läuft nach ${hours} Stunden ab. Wenn Sie das nicht waren, können Sie diese Mail ignorieren.\n`,
  }),
  alreadyMember: ({ company }) => ({
    subject: `Sie sind bereits Mitglied von ${company}`,
    text: `Mit dieser Adresse wurde die Aufnahme bei ${company} beantragt; sie gehört dort bereits zu einem Mitglied. Melden Sie sich an, oder setzen Sie Ihr Passwort zurück, wenn Sie es vergessen haben.\n`,
  }),
  alreadyInvited: ({ company }) => ({
    subject: `Sie sind bereits zu ${company} eingeladen`,
    text: `Mit dieser Adresse wurde die Aufnahme bei ${company} beantragt; für sie gibt es bereits eine Einladung. Öffnen Sie den Link in der Einladung; wenn er abgelaufen ist, bitten Sie ${company} um eine neue.\n`,
  }),
  signUpApproved: ({ company }) => ({
    subject: `Willkommen bei ${company}`,
    text: `Sie sind jetzt Mitglied von ${company} und können sich anmelden.\n`,
  }),
  signUpRefused: ({ company }) => ({
    subject: `Ihre Anfrage an ${company}`,
    text: `${company} hat Ihre Anfrage abgelehnt.\n`,
  }),
  invitation: ({ company, link, days }) => ({
    subject: `Sie sind zu ${company} eingeladen`,
    text: `${company} hat Sie eingeladen. Wählen Sie hier Ihr Passwort:\n\n${link}\n\nDer Link gilt einmal und läuft nach ${days} Tagen ab.\n`,
  }),
  invitationToExistingUser: ({ company, link, days }) => ({
    subject: `Sie sind zu ${company} eingeladen`,
    text: `${company} hat Sie eingeladen. Nehmen Sie die Einladung hier an und melden Sie sich dann wie gewohnt an:\n\n${link}\n\nDer Link gilt einmal und läuft nach ${days} Tagen ab. Wenn Sie nicht beitreten möchten, können Sie diese Mail ignorieren: Mitglied werden Sie erst, wenn Sie annehmen.\n`,
  }),
  resetPassword: ({ link, minutes }) => ({
    subject: 'Setzen Sie Ihr Passwort zurück',
    text: `Wählen Sie hier ein neues Passwort:\n\n${link}\n\nDer Link gilt einmal und läuft nach ${minutes} Minuten ab. Wenn Sie ihn nicht angefordert haben, können Sie diese Mail ignorieren: Ihr Passwort bleibt unverändert.\n`,
  }),
  passwordChanged: ({ when }) => ({
    subject: 'Ihr Passwort wurde geändert',
    text: `Ihr Passwort wurde am ${when} geändert, und Ihre anderen Sitzungen wurden beendet.\n\n${NOT_YOU}\n`,
  }),
  accountLocked: ({ link, minutes }) => ({
    subject: 'Ihr Konto ist vorübergehend gesperrt',
    text: `Nach zu vielen falschen Passwörtern ist Ihr Konto ${minutes} Minuten lang gesperrt. Wenn Sie das waren, entsperren Sie es hier:\n\n${link}\n\nWenn Sie das nicht waren, können Sie diese Mail ignorieren: Ihr Passwort wurde nicht erraten.\n`,
  }),
  tokenReused: ({ when, address }) => ({
    subject: 'Eine Ihrer Sitzungen wurde beendet',
    text: `Am ${when} wurde von ${from(address)} aus ein Refresh-Token von Ihnen gesendet, das bereits benutzt war. Vielleicht wurde es von einem Ihrer Geräte kopiert; die Sitzung wurde darum auf allen Geräten beendet, die sie benutzt haben.\n\nMelden Sie sich auf dem Gerät neu an, das danach fragt. Wenn das noch einmal geschieht, ändern Sie Ihr Passwort und informieren Sie Ihre Administration.\n`,
  }),
  passkeyAdded: ({ when }) => ({
    subject: 'Ihrem Konto wurde ein Passkey hinzugefügt',
    text: `Am ${when} wurde Ihrem Konto ein Passkey hinzugefügt. Er meldet Sie ohne Passwort an.\n\nWenn Sie das nicht waren, entfernen Sie ihn, beenden Sie Ihre Sitzungen und informieren Sie Ihre Administration.\n`,
  }),
  passkeyRemoved: ({ when }) => ({
    subject: 'Von Ihrem Konto wurde ein Passkey entfernt',
    text: `Am ${when} wurde von Ihrem Konto ein Passkey entfernt.\n\n${NOT_YOU}\n`,
  }),
  passkeyCopied: ({ address, when }) => ({
    subject: 'Einer Ihrer Passkeys wurde vielleicht kopiert',
    text: `Am ${when} wurde eine Anmeldung von ${from(address)} aus mit einem Ihrer Passkeys abgelehnt, weil dessen Zähler zurückgegangen ist. Vielleicht gibt es eine zweite Kopie des Passkeys.\n\nEntfernen Sie diesen Passkey, fügen Sie einen neuen hinzu und informieren Sie Ihre Administration.\n`,
  }),
  newDevice: ({ device, address, when }) => ({
    subject: 'Anmeldung von einem neuen Gerät',
    text: `Am ${when} wurde Ihr Konto mit ${device ?? 'einem unbekannten Gerät'} von ${from(address)} aus angemeldet.\n\n${NOT_YOU}\n`,
  }),
  factorAdded: ({ factor, when }) => ({
    subject: 'Ein zweiter Faktor wurde hinzugefügt',
    text: `Am ${when} wurde Ihrem Konto ein zweiter Faktor hinzugefügt: ${factors[factor]}. Ihre anderen Sitzungen wurden beendet.\n\n${NOT_YOU}\n`,
  }),
  factorRemoved: ({ factor, when }) => ({
    subject: 'Ein zweiter Faktor wurde entfernt',
    text: `Am ${when} wurde von Ihrem Konto ein zweiter Faktor entfernt: ${factors[factor]}.\n\n${NOT_YOU}\n`,
  }),
  oneTimeCode: ({ code, minutes }) => ({
    subject: 'Ihr Code',
    text: `Ihr Code ist ${code}. Er gilt einmal und läuft nach ${minutes} Minuten ab. Geben Sie ihn nicht weiter: Wir fragen nie danach.\n`,
  }),
  backupCodesMade: ({ when }) => ({
    subject: 'Sie haben neue Ersatzcodes',
    text: `Am ${when} wurden für Ihr Konto neue Ersatzcodes erzeugt; die früheren gelten nicht mehr.\n\n${NOT_YOU}\n`,
  }),
  backupCodeUsed: ({ when }) => ({
    subject: 'Ein Ersatzcode wurde benutzt',
    text: `Am ${when} wurde Ihr Konto mit Ihrem Passwort und einem Ihrer Ersatzcodes angemeldet. Dieser Code gilt nicht mehr.\n\n${NOT_YOU}\n`,
  }),
  factorsDisabled: ({ when }) => ({
    subject: 'Ihre zweiten Faktoren wurden deaktiviert',
    text: `Ihre Administration hat am ${when} Ihre zweiten Faktoren deaktiviert, und Ihre Sitzungen wurden beendet. Melden Sie sich mit Ihrem Passwort an und fügen Sie wieder einen zweiten Faktor hinzu.\n\nWenn Sie nicht darum gebeten haben, informieren Sie Ihre Administration.\n`,
  }),
  verifyRecoveryEmail: ({ link, hours }) => ({
    subject: 'Bestätigen Sie Ihre Wiederherstellungsadresse',
    text: `Diese Adresse wurde als Wiederherstellungsadresse eines Kontos angegeben. Wenn Sie das waren, bestätigen Sie sie hier:\n\n${link}\n\nDer Link gilt einmal und läuft nach ${hours} Stunden ab. Wenn Sie das nicht waren, können Sie diese Mail ignorieren.\n`,
  }),
  recoveryEmailSet: ({ when }) => ({
    subject: 'Ihre Wiederherstellungsadresse wurde geändert',
    text: `Am ${when} wurde die Wiederherstellungsadresse Ihres Kontos gesetzt.\n\n${NOT_YOU}\n`,
  }),
  recovery: ({ link, hours }) => ({
    subject: 'Stellen Sie Ihr Konto wieder her',
    text: `Mit Ihrem Passwort wurde die Wiederherstellung Ihres Kontos begonnen. Entfernen Sie hier die zweiten Faktoren, melden Sie sich dann an und fügen Sie neue hinzu:\n\n${link}\n\nDer Link gilt einmal und läuft nach ${hours} Stunden ab. Wenn Sie das nicht waren, öffnen Sie ihn nicht und ändern Sie Ihr Passwort.\n`,
  }),
  recoveryStarted: ({ when }) => ({
    subject: 'Die Wiederherstellung Ihres Kontos hat begonnen',
    text: `Am ${when} wurde mit Ihrem Passwort beantragt, Ihre zweiten Faktoren zu entfernen. Ein Link ging an Ihre Wiederherstellungsadresse.\n\n${NOT_YOU}\n`,
  }),
  recovered: ({ when }) => ({
    subject: 'Ihre zweiten Faktoren wurden entfernt',
    text: `Am ${when} wurden Ihre zweiten Faktoren durch Wiederherstellung entfernt und alle Ihre Sitzungen beendet.\n\n${NOT_YOU}\n`,
  }),
  secondFactorLocked: ({ minutes }) => ({
    subject: 'Falsche Codes für Ihr Konto',
    text: `Nach zu vielen falschen Codes ist dieser zweite Faktor Ihres Kontos ${minutes} Minuten lang gesperrt. Die Codes wurden zusammen mit Ihrem richtigen Passwort eingegeben: Wenn Sie das nicht waren, ändern Sie jetzt Ihr Passwort.\n`,
  }),
  confirmOperation: ({ operation, database, code, minutes, when }) => ({
    subject:
      operation === 'reset'
        ? 'Bestätigen Sie das Zurücksetzen einer Datenbank'
        : 'Bestätigen Sie das Einspielen einer Sicherung',
    text: `Am ${when} wurde auf der Kommandozeile ${operations[operation]} ${database} verlangt. Geben Sie zur Bestätigung dort diesen Code ein:\n\n${code}\n\nDer Code gilt einmal und ${minutes} Minuten lang. Wenn Sie nichts davon wissen, geben Sie ihn nicht weiter und klären Sie, wer Zugang zum Server hat.\n`,
  }),
  keyAnomaly: ({ anomaly, key, account, address, when }) => ({
    subject: 'Ungewöhnliche Nutzung eines API-Schlüssels',
    text: `Der API-Schlüssel „${key}“ des Dienstkontos „${account}“ ${anomalies[anomaly]}. Zuletzt am ${when}, von ${from(address)} aus.\n\nWenn Sie den Grund kennen, können Sie diese Mail ignorieren. Andernfalls widerrufen oder rotieren Sie den Schlüssel und prüfen Sie das Audit-Log. Sie erhalten diesen Hinweis je Schlüssel höchstens einmal am Tag.\n`,
  }),
};
