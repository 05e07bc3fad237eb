import { fixedHeaders } from '../../http/headers.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, finding, notChecked, ok, problemsOr } from './finding.ts';

/** The server answers at PUBLIC_URL and is ready. */
export async function ready({ request, config }: Deployment): Promise<Finding> {
  const answer = await request('health/ready').catch(() => null);
  if (!answer) return finding(`nothing answers at ${config.publicUrl}`);
  const body = (await answer.json().catch(() => ({}))) as { checks?: object; failing?: string[] };
  if (answer.status !== 200)
    return finding(`/health/ready answers ${answer.status}: ${JSON.stringify(body.checks ?? {})}`);
  return problemsOr(
    (body.failing ?? []).map((part) => `${part} fails`),
    'ready, and nothing fails',
  );
}

/** The headers that the server sets arrive at a client. */
export async function securityHeaders({ request, config }: Deployment): Promise<Finding> {
  const answer = await request('health/live').catch(() => null);
  if (!answer) return notChecked('PUBLIC_URL does not answer');
  const wrong = Object.entries(fixedHeaders(config)).filter(
    ([name, value]) => answer.headers.get(name) !== value,
  );
  const problems = wrong.map(([name]) => `${name} is ${answer.headers.get(name) ?? 'missing'}`);
  return problemsOr(problems, 'all arrive as the server sets them');
}

/** No browser can be made to send the session cookie elsewhere, nor a script to read it. */
export async function cookies({ request, config }: Deployment): Promise<Finding> {
  const name = config.publicUrl.startsWith('https:') ? '__Host-bulwark' : 'bulwark';
  // an unknown session is answered with a cookie that ends it
  const answer = await request(
    'graphql',
    query('{ __typename viewer { roles } }', { cookie: `${name}=${UNKNOWN}` }),
  ).catch(() => null);
  const [cookie] = answer?.headers.getSetCookie() ?? [];
  if (!cookie) return notChecked('PUBLIC_URL answered without a cookie');
  const expected = ['HttpOnly', 'Path=/', `SameSite=${config.sameSite}`];
  if (name.startsWith('__Host-')) expected.push('Secure');
  const given = cookie.toLowerCase().split(/; */);
  const missing = expected.filter((attribute) => !given.includes(attribute.toLowerCase()));
  return problemsOr(
    missing.map((attribute) => `the session cookie lacks ${attribute}`),
    expected.join(', '),
  );
}
const UNKNOWN = 'A'.repeat(43);

/** Pages of other origins read no answer; those of CORS_ORIGINS do. */
export async function cors({ request, config }: Deployment): Promise<Finding> {
  const allowed = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const answer = await request('graphql', { method: 'OPTIONS', headers });
    return answer.headers.get('access-control-allow-origin');
  };
  try {
    const problems: string[] = [];
    const foreign = await allowed('https://doctor.invalid');
    if (foreign === '*' || foreign === 'https://doctor.invalid') problems.push('every origin is allowed');
    for (const origin of config.corsOrigins)
      if ((await allowed(origin)) !== origin) problems.push(`${origin} is refused`);
    return problemsOr(problems, `${config.corsOrigins.length} origins are allowed, and no other`);
  } catch {
    return notChecked('PUBLIC_URL does not answer');
  }
}

/** Anonymous clients see neither the schema nor the metrics. */
export async function exposure({ request, config }: Deployment): Promise<Finding> {
  if (config.env === 'development') return ok('development shows its schema on purpose');
  try {
    const schema = await request('graphql', query('{ __schema { queryType { name } } }'));
    const metrics = await request('metrics');
    const { data } = (await schema.json()) as { data?: { __schema?: unknown } | null };
    return problemsOr(
      [
        ...(data?.__schema ? ['the schema is shown to anonymous clients'] : []),
        ...(metrics.status === 200 ? ['/metrics is open'] : []),
      ],
      'neither the schema nor the metrics are shown to anonymous clients',
    );
  } catch {
    return notChecked('PUBLIC_URL does not answer');
  }
}

const query = (text: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ query: text }),
});
