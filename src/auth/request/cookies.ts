import { deviceCookie, endedCookie, sessionCookie } from './credential.ts';

type Site = Parameters<typeof sessionCookie>[1];

/** Sets the cookies of an answer; browsers get by them what other clients read from the payload. */
export type Cookies = {
  setSession(token: string): void;
  clearSession(): void;
  trustDevice(token: string): void;
};

export const cookiesOf = (site: Site, setCookie: (cookie: string) => void): Cookies => ({
  setSession: (token) => setCookie(sessionCookie(token, site)),
  clearSession: () => setCookie(endedCookie(site)),
  trustDevice: (token) => setCookie(deviceCookie(token, site)),
});
