import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { buildSchema } from '../../src/schema/index.ts';

/**
 * DESIGN.md, "GraphQL API conventions", over the whole schema: a new type or field counts by
 * itself.
 */
const schema = buildSchema();
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const objects = types.filter(isObjectType);
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

/**
 * What departs from a convention, with its reason. Each is needed: a line that exempts nothing
 * fails.
 */
const EXEMPT: Record<string, Record<string, string>> = {
  'verb and noun': {
    signIn: 'one verb',
    signOut: 'one verb',
    signUp: 'one verb',
    stepUp: 'one verb',
  },
  connection: {
    'Query.nodes': 'as long as the list of ids that the client sends (Relay)',
    'Query.factorAdoption': 'one row for each role of the company',
    'PolicyExport.lines': 'one line for each field of the schema, hashed and compared as a whole',
    'SecondFactors.factors': 'one factor of each kind, and the passkeys of one user',
    'SystemHealth.figures': 'one figure of each name',
    'SystemHealth.replicas': 'one for each URL of REPLICA_DATABASE_URLS',
    'HealthSeries.points': 'at most 720, for one chart',
    'Viewer.memberships': 'the companies of one user, which every client needs at once',
    'RotateSigningKeysPayload.retiredSigningKeys': 'the keys that one mutation retired',
  },
  At: {
    'AuditEventFilter.occurredFrom': 'a bound, inclusive',
    'AuditEventFilter.occurredBefore': 'a bound, exclusive',
  },
};
const used = new Set<string>();
const isExempt = (convention: string, name: string): boolean => {
  used.add(`${convention}: ${name}`);
  return Object.hasOwn(EXEMPT[convention] as object, name);
};

type Place = { name: string; at: GraphQLField<unknown, unknown> | GraphQLArgument | GraphQLInputField };
const outputs: Place[] = objects.flatMap((type) =>
  Object.values(type.getFields()).map((at) => ({ name: `${type.name}.${at.name}`, at })),
);
const inputs: Place[] = types
  .filter(isInputObjectType)
  .flatMap((type) => Object.values(type.getFields()).map((at) => ({ name: `${type.name}.${at.name}`, at })));
const args: Place[] = objects.flatMap((type) =>
  Object.values(type.getFields()).flatMap((field) =>
    field.args.map((at) => ({ name: `${type.name}.${field.name}(${at.name})`, at })),
  ),
);
const places = [...outputs, ...inputs, ...args];
const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const namesOf = (found: Place[]) => found.map(({ name }) => name);
const typed = (name: string) => places.filter(({ at }) => getNamedType(at.type).name === name);
const isNode = (type: GraphQLObjectType) => type.getInterfaces().some(({ name }) => name === 'Node');
const objectIn = ({ at }: Place) => getNamedType(at.type) as GraphQLNamedType;

const VERBS =
  /^(accept|add|approve|cancel|change|complete|confirm|create|delete|disable|finish|invite|issue|join|pay|record|recover|refresh|refuse|regenerate|remove|rename|request|require|resend|reset|restore|retry|revoke|rotate|set|start|submit|suspend|switch|unlock|update|verify)[A-Z]/;

describe('[U14][P3] every mutation', () => {
  it('is named by a verb and a noun', () => {
    const wrong = mutations.filter(({ name }) => !VERBS.test(name) && !isExempt('verb and noun', name));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it('takes nothing, or one required `input` of the type that is named after it', () => {
    const signatures = mutations.map(({ name, args }) => [
      name,
      args.map((arg) => `${arg.name}: ${arg.type}`),
    ]);
    const wrong = signatures.filter(
      ([name, given]) => given?.length !== 0 && String(given) !== `input: ${upper(String(name))}Input!`,
    );
    expect(wrong).toEqual([]);
  });

  it('returns the payload that is named after it', () => {
    const wrong = mutations.filter(({ name, type }) => String(type) !== `${upper(name)}Payload!`);
    expect(wrong.map(({ name, type }) => `${name}: ${type}`)).toEqual([]);
  });

  it('returns the id of what it deletes as deleted<Noun>Id', () => {
    const deleting = mutations.filter(({ name }) => name.startsWith('delete'));
    expect(deleting.length).toBeGreaterThan(1);
    for (const { name, type } of deleting)
      expect(Object.keys((getNamedType(type) as GraphQLObjectType).getFields()), name).toEqual([
        `deleted${name.slice('delete'.length)}Id`,
      ]);
  });
});

describe('[U14][P3] every list of objects', () => {
  it('is a connection', () => {
    const plain = outputs.filter(
      (place) =>
        isListType(getNullableType(place.at.type)) &&
        (isObjectType(objectIn(place)) || isInterfaceType(objectIn(place))) &&
        !/Connection\.edges$/.test(place.name) &&
        !isExempt('connection', place.name),
    );
    expect(namesOf(plain)).toEqual([]);
  });

  it('has the four arguments of a connection, `pageInfo`, `totalCount` and edges named after its objects', () => {
    const connections = outputs.filter((place) => objectIn(place).name.endsWith('Connection'));
    expect(connections.length).toBeGreaterThan(20);
    for (const { name, at } of connections) {
      expect(
        namesOf((at as GraphQLField<unknown, unknown>).args.map((one) => ({ name: one.name, at: one }))),
        name,
      ).toEqual(expect.arrayContaining(['after', 'before', 'first', 'last']));
      const fields = (getNamedType(at.type) as GraphQLObjectType).getFields();
      const noun = getNamedType(at.type).name.replace(/Connection$/, '');
      expect(
        Object.values(fields)
          .map((field) => `${field.name}: ${field.type}`)
          .sort(),
        name,
      ).toEqual([`edges: [${noun}Edge!]!`, 'pageInfo: PageInfo!', 'totalCount: Int!']);
    }
  });
});

describe('[U14][P3] every object', () => {
  it('with an id is a Node', () => {
    const withId = objects.filter((type) => 'id' in type.getFields());
    expect(withId.length).toBeGreaterThan(15);
    expect(withId.filter((type) => !isNode(type)).map(({ name }) => name)).toEqual([]);
  });
});

describe('[U14][P3] every name', () => {
  it('of a moment ends in At', () => {
    const wrong = typed('DateTime').filter(({ name }) => !name.endsWith('At') && !isExempt('At', name));
    expect(namesOf(wrong)).toEqual([]);
  });

  it('of a day ends in On', () => {
    expect(namesOf(typed('Date').filter(({ name }) => !name.endsWith('On')))).toEqual([]);
  });

  it('of a boolean begins with is, has or can', () => {
    const wrong = typed('Boolean').filter(({ name }) => !/\.(is|has|can)[A-Z]\w*$/.test(name));
    expect(namesOf(wrong)).toEqual([]);
  });

  it('of an id ends in id or ids', () => {
    expect(namesOf(typed('ID').filter(({ name }) => !/(\.id|\(id|\(ids|Ids?)\)?$/.test(name)))).toEqual([]);
  });

  it('of an enum value is in upper case', () => {
    const values = types.filter(isEnumType).flatMap((type) => type.getValues().map(({ name }) => name));
    expect(values.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
  });
});

describe('every custom scalar', () => {
  const custom = types.filter(isScalarType).filter((type) => !isSpecifiedScalarType(type));
  it.each(custom.map((type) => [type.name, type.specifiedByURL]))(
    '%s names its specification',
    (_name, url) => {
      expect(url).toMatch(/^https:\/\/[\w./#-]+$/);
    },
  );
});

describe('[U14][P3] every description', () => {
  const all: [string, string | null | undefined][] = [
    ...types
      .filter((type) => !isScalarType(type) || !isSpecifiedScalarType(type))
      .map((type) => [type.name, type.description] as const),
    ...places.map(({ name, at }) => [name, at.description] as const),
    ...types
      .filter(isEnumType)
      .flatMap((type) =>
        type.getValues().map((value) => [`${type.name}.${value.name}`, value.description] as const),
      ),
  ].map(([name, text]) => [name, text]);

  it('is there, for each type, field, argument and value', () => {
    expect(all.length).toBeGreaterThan(700);
    expect(all.filter(([, text]) => !text).map(([name]) => name)).toEqual([]);
  });

  it('is one to three sentences with a capital and a full stop', () => {
    const wrong = all.filter(
      ([, text]) => !/^[A-Z`][\s\S]*\.$/.test(text ?? '') || (text?.match(/\.(\s|$)/g)?.length ?? 0) > 3,
    );
    expect(wrong).toEqual([]);
  });

  it('names its subject instead of an indefinite pronoun', () => {
    const riddle = /\b(nobody|somebody|anybody|everybody|whoever|who asks|anew)\b/i;
    expect(all.filter(([, text]) => riddle.test(text ?? ''))).toEqual([]);
  });
});

describe('every exemption', () => {
  it('is needed', () => {
    const listed = Object.entries(EXEMPT).flatMap(([convention, names]) =>
      Object.keys(names).map((name) => `${convention}: ${name}`),
    );
    expect(listed.filter((line) => !used.has(line))).toEqual([]);
  });
});
