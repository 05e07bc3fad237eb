import graphql from '@graphql-eslint/eslint-plugin';

const { rules } = graphql.configs['flat/schema-recommended'];
const { rules: relay } = graphql.configs['flat/schema-relay'];

/** Values that are read with what holds them: nothing refers to one alone. */
const WITHOUT_ID = [
  'CompanyFactorAdoption',
  'EnrolledFactor',
  'FactorAdoption',
  'HealthFigure',
  'HealthPoint',
  'ReplicaHealth',
  'HealthSeries',
  'MfaChallenge',
  'PageInfo',
  'PolicyExport',
  'PolicyLine',
  'SecondFactors',
  'SignInPolicy',
  'SystemHealth',
  'Viewer',
  'ViewerMembership',
  'ViewerSecondFactor',
];

/** ESLint lints the GraphQL schema; Biome lints the code. */
export default [
  {
    files: ['schema.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: './schema.graphql' } },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...rules,
      ...relay,
      // a list of values is no connection
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
      '@graphql-eslint/require-description': [
        'error',
        { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
      ],
      '@graphql-eslint/strict-id-in-types': [
        'error',
        { exceptions: { types: WITHOUT_ID, suffixes: ['Connection', 'Edge', 'Payload'] } },
      ],
    },
  },
];
