import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { fieldEncryptionExtension } from 'prisma-field-encryption';
import dmmf from './dmmf.js';
import { PrismaClient } from './generated/client.js';

const names = new Map<string, string>();
const statementNameGenerator = ({ sql }: { sql: string }): string => {
  if (!names.has(sql) && names.size < 500) names.set(sql, `p${names.size}`);
  return names.get(sql) ?? '';
};

export const PRISMA = Symbol('prisma');
export type Prisma = PrismaClient;
export const openPrisma = (connectionString: string, encryptionKey: string) =>
  new PrismaClient({
    adapter: new PrismaPg(new pg.Pool({ connectionString, max: 10 }), { statementNameGenerator }),
  }).$extends(fieldEncryptionExtension({ encryptionKey, dmmf: dmmf as never })) as unknown as PrismaClient;
