import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';

const names = new GraphQLList(new GraphQLNonNull(GraphQLString));

/** The directives of IBM's GraphQL Cost Directives (§ 3.1 and § 3.2) that the schema uses. */
export const costDirectives: readonly GraphQLDirective[] = [
  new GraphQLDirective({
    name: 'cost',
    description:
      'What a field adds to the cost of an operation; 1 for an object and 0 for a leaf without it.',
    locations: [
      DirectiveLocation.ARGUMENT_DEFINITION,
      DirectiveLocation.ENUM,
      DirectiveLocation.FIELD_DEFINITION,
      DirectiveLocation.INPUT_FIELD_DEFINITION,
      DirectiveLocation.OBJECT,
      DirectiveLocation.SCALAR,
    ],
    args: { weight: { type: new GraphQLNonNull(GraphQLString), description: 'A number.' } },
  }),
  new GraphQLDirective({
    name: 'listSize',
    description: 'How long a list is.',
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: {
      assumedSize: { type: GraphQLInt, description: 'The length where no slicing argument is given.' },
      slicingArguments: { type: names, description: 'Arguments that limit the length.' },
      sizedFields: { type: names, description: 'Fields of the returned object that have this length.' },
      requireOneSlicingArgument: {
        type: GraphQLBoolean,
        defaultValue: true,
        description: 'Whether one of the slicing arguments must be given.',
      },
    },
  }),
];
