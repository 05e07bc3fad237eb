export const UNENCODED = 'write a % in the user or the password as %25';

/** Whether user and password can be percent-decoded (RFC 3986, 2.1). */
export function hasEncodedLogin(text: string): boolean {
  if (!URL.canParse(text)) return true; // refused before
  const { username, password } = new URL(text);
  return [username, password].every((part) => /^(?:[^%]|%[\da-f]{2})*$/i.test(part));
}
