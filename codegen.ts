import type { CodegenConfig } from '@graphql-codegen/cli';

const types = {
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
};

/**
 * `npm run codegen`: schema.graphql and the operations of the examples give their types. The result
 * is committed.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  importExtension: '.ts',
  generates: {
    'examples/client/generated/': {
      documents: 'examples/client/*.graphql',
      preset: 'client',
      // persisted-documents.json is the manifest of TRUSTED_DOCUMENTS_PATH
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: { ...types, documentMode: 'string' },
    },
    // parsed documents with their types, which every client library takes
    'examples/clients/generated/': {
      documents: 'examples/clients/*.graphql',
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: types,
    },
  },
};

export default config;
