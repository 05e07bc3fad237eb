import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLSchema,
  isObjectType,
  lexicographicSortSchema,
  print,
  printSchema,
  type ValueNode,
} from 'graphql';
import { costDirectivesOf } from '../src/cost-directives.ts';

const TYPE = /^type (\w+)/;
const FIELD = /^ {2}(\w+)(\(|:)/;
/** A field whose arguments stand on lines of their own ends with this line. */
const END = /^ {2}\): /;

/**
 * Returns the schema as SDL, with the directives of costs, which `printSchema` leaves out. `print`
 * of a parsed schema would write them, and no blank lines between fields.
 */
export function schemaText(schema: GraphQLSchema): string {
  let [type, field] = ['', ''];
  const lines = printSchema(lexicographicSortSchema(schema)).split('\n');
  const priced = lines.map((line) => {
    type = TYPE.exec(line)?.[1] ?? (line === '}' ? '' : type);
    field = FIELD.exec(line)?.[1] ?? field;
    const ends = END.test(line) || (FIELD.test(line) && !line.endsWith('('));
    return type !== '' && ends ? `${line}${costText(schema, type, field)}` : line;
  });
  return `${priced.join('\n')}\n`;
}

function costText(schema: GraphQLSchema, typeName: string, fieldName: string): string {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  return Object.entries(field ? costDirectivesOf(field) : {})
    .map(([name, values]) => ` ${useText(schema.getDirective(name) as GraphQLDirective, values)}`)
    .join('');
}

const useText = ({ name, args }: GraphQLDirective, values: object): string =>
  `@${name}(${Object.entries(values)
    .map(([key, value]) => {
      const { type } = args.find((arg) => arg.name === key) as GraphQLArgument;
      return `${key}: ${print(astFromValue(value, type) as ValueNode)}`;
    })
    .join(', ')})`;
