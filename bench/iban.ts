import { composeIBAN } from 'ibantools';

/** A German IBAN with valid check digits; another one for each number below 10^10. */
export const germanIban = (number: number): string =>
  composeIBAN({ countryCode: 'DE', bban: `37040044${String(number % 1e10).padStart(10, '0')}` }) as string;
