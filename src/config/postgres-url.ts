import type { z } from 'zod';

const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/**
 * Gives `sslmode` its meaning in libpq (PostgreSQL manual, 34.19), so that one URL means the same
 * here and in psql. By itself pg verifies more, and warns that it will not.
 */
export function withTlsOfLibpq(text: string, context: z.RefinementCtx): string {
  const url = new URL(text);
  const mode = url.searchParams.get('sslmode');
  if (mode === null) return text;
  if (!MODES.includes(mode)) context.addIssue(`expected sslmode as one of ${MODES.join(', ')}`);
  if (mode === 'verify-ca' && !url.searchParams.get('sslrootcert'))
    context.addIssue('sslmode=verify-ca needs sslrootcert; or use verify-full');
  if (mode === 'no-verify') return text;
  url.searchParams.append('uselibpqcompat', 'true');
  return url.href;
}

/** Whether the URL encrypts its connection to a server that it does not verify. */
export function isUnverified(url: string | undefined): boolean {
  const parameters = url ? new URL(url).searchParams : undefined;
  const mode = parameters?.get('sslmode') ?? '';
  // with a root certificate, require is verify-ca
  return /^(prefer|no-verify)$/.test(mode) || (mode === 'require' && !parameters?.get('sslrootcert'));
}
