/**
 * `DATABASE_URL=… PORT=… JWT_SECRET=… FIELD_KEY=… node bench/peers/nest/dist/main.js`: NestJS on Fastify with Apollo, Prisma, Casbin and
 * prisma-field-encryption, as their documentation puts them together for production.
 */
import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { JwtModule } from '@nestjs/jwt';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CasbinGuard, ENFORCER, JwtGuard, openEnforcer } from './access.js';
import { openPrisma, PRISMA } from './prisma.js';
import { CompanyResolver, DepartmentResolver, EmployeeResolver } from './resolvers.js';

const { DATABASE_URL = '', PORT = '', JWT_SECRET = '', FIELD_KEY = '' } = process.env;

@Module({
  imports: [
    JwtModule.register({ global: true, secret: JWT_SECRET }),
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      playground: false,
      graphiql: false,
      introspection: false,
      context: (request: unknown) => ({ req: request }),
    }),
  ],
  providers: [
    { provide: PRISMA, useFactory: () => openPrisma(DATABASE_URL, FIELD_KEY) },
    { provide: ENFORCER, useFactory: openEnforcer },
    { provide: APP_GUARD, useClass: JwtGuard },
    { provide: APP_GUARD, useClass: CasbinGuard },
    EmployeeResolver,
    CompanyResolver,
    DepartmentResolver,
  ],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
await app.listen(Number(PORT), '127.0.0.1');
console.log(`listens on ${PORT}`);
