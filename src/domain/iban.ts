import { electronicFormatIBAN } from 'ibantools';

/**
 * Returns the electronic format of an IBAN (ISO 13616-1): upper case, without blanks and other
 * separators.
 */
export const electronicIban = (text: string): string => electronicFormatIBAN(text.normalize('NFKC')) ?? '';
