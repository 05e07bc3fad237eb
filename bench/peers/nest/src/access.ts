import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';
import { JwtService } from '@nestjs/jwt';
import { type Enforcer, newEnforcer, newModelFromString, StringAdapter } from 'casbin';

export type User = { userId: string; companyId: string; role: string };
export const May = (resource: string, action: string) => SetMetadata('permission', [resource, action]);
export const ENFORCER = Symbol('casbin');

const MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
`;

const ROLES = ['company_admin', 'hr_admin', 'finance_admin', 'manager', 'reviewer', 'staff'];
const RESOURCES = ['company', 'structure', 'employee', 'attendance', 'payroll'];

/** Sixty policies: six roles, five resources, two actions. */
export const openEnforcer = () =>
  newEnforcer(
    newModelFromString(MODEL),
    new StringAdapter(
      ROLES.flatMap((role) =>
        RESOURCES.flatMap((resource) =>
          ['read', 'write'].map((action) => `p, ${role}, ${resource}, ${action}`),
        ),
      ).join('\n'),
    ),
  );

/** Who asks: the bearer's JWT, as the NestJS documentation verifies it. */
@Injectable()
export class JwtGuard implements CanActivate {
  constructor(@Inject(JwtService) private readonly jwt: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { req } = GqlExecutionContext.create(context).getContext();
    const [, token = ''] = req.headers.authorization?.split(' ') ?? [];
    try {
      req.user = await this.jwt.verifyAsync(token);
    } catch {
      throw new UnauthorizedException();
    }
    return true;
  }
}

/** Whether they may: the handler's permission, by the enforcer. */
@Injectable()
export class CasbinGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ENFORCER) private readonly enforcer: Enforcer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const [resource, action] = this.reflector.get<[string, string]>('permission', context.getHandler());
    const { req } = GqlExecutionContext.create(context).getContext();
    return this.enforcer.enforce(req.user.role, resource, action);
  }
}
