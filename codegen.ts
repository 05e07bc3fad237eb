import type { CodegenConfig } from '@graphql-codegen/cli';

/** `npm run codegen`: schema.graphql and the operations of examples/client give its types. The result is committed. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['examples/client/*.graphql'],
  importExtension: '.ts',
  generates: {
    'examples/client/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        enumType: 'string-literal',
        useTypeImports: true,
        strictScalars: true,
        defaultScalarType: 'unknown',
        // a decimal stays text, exact to the last digit; dates are ISO 8601
        scalars: {
          ID: 'string',
          Decimal: 'string',
          Date: 'string',
          DateTime: 'string',
          JSON: 'unknown',
          PasskeyResponse: 'unknown',
        },
      },
    },
  },
};

export default config;
