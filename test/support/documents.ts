import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType, isObjectType } from 'graphql';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

/**
 * Returns the document of a mutation, its input as `$input`. `selection` is what to read of the
 * object in its payload; a payload without an object is read as a whole.
 */
export function mutationOf(name: string, selection = '{ id }'): string {
  const field = schema.getMutationType()?.getFields()[name];
  if (!field) throw new Error(`the schema has no mutation ${name}`);
  const [input] = field.args;
  const [declared, passed] = input ? [`($input: ${input.type})`, '(input: $input)'] : ['', ''];
  return `mutation ${declared} { ${name}${passed} ${payloadSelection(getNamedType(field.type), selection)} }`;
}

function payloadSelection(type: ReturnType<typeof getNamedType>, selection: string): string {
  if (!isObjectType(type)) return '';
  if (!type.name.endsWith('Payload')) return selection;
  const fields = Object.values(type.getFields());
  const [object] = fields.filter((one) => isObjectType(getNamedType(one.type)));
  if (object && fields.length === 1) return `{ ${object.name} ${selection || '{ __typename }'} }`;
  if (selection && selection !== '{ id }') return selection;
  const leaves = fields.filter((one) => !isObjectType(getNamedType(one.type)));
  return `{ ${leaves.map(({ name }) => name).join(' ')} }`;
}

/** Returns the objects of a connection. */
// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its document asks for
export const nodesOf = (connection: { edges: { node: any }[] }): any[] =>
  connection.edges.map(({ node }) => node);
