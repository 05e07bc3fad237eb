import { readFile, statfs } from 'node:fs/promises';
import type { Deployment } from './deployment.ts';
import { type Finding, finding, ok, problemsOr } from './finding.ts';

const FULL = 0.85;

export const disk = async (): Promise<Finding> => judgeDisk(await statfs(process.cwd()));

type Blocks = { blocks: number; bfree: number; bavail: number };

export function judgeDisk({ blocks, bfree, bavail }: Blocks): Finding {
  const used = (blocks - bfree) / (blocks - bfree + bavail);
  const detail = `${Math.round(used * 100)} % of the server's disk is in use`;
  return used > FULL ? finding(detail) : ok(detail);
}

const PACKAGE = new URL('../../../node_modules/@prisma/client/package.json', import.meta.url);

/** Prisma 8 drops the client extensions that tenancy and encryption are made of. */
export async function prisma(_deployment: unknown, file: URL | string = PACKAGE): Promise<Finding> {
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  const major = Number.parseInt(version, 10);
  return major === 7 ? ok(version) : finding(`Prisma ${version} is installed; this code needs Prisma 7`);
}

export const configuration = async ({ config }: Deployment): Promise<Finding> =>
  problemsOr(config.warnings, `no warnings, environment ${config.env}`);
