import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { StartupError } from '../../config/startup-error.ts';
import { AppError } from '../../errors.ts';

/** Path of the manifest, and which clients must send trusted documents only. */
export type TrustedSettings = { path: string; requiredOf: 'none' | 'browsers' | 'all' };

/** The parts of a request that name its document. */
export type Named = { query: unknown; documentId: unknown; extensions: unknown };

/** Returns the text of a request's document. */
export type DocumentOf = (named: Named, headers: IncomingHttpHeaders) => unknown;

/**
 * Reads a manifest of documents by id, as graphql-codegen writes it, and returns the document of
 * each request. @throws {StartupError} in one sentence for a manifest that cannot be used
 */
export function trustedDocuments(settings: TrustedSettings | undefined, schema: GraphQLSchema): DocumentOf {
  if (!settings) return untrustedDocument;
  const documents = new Map(Object.entries(readManifest(settings.path)));
  for (const [id, text] of documents) assertValid(settings.path, id, text, schema);
  return ({ query, documentId, extensions }, headers) => {
    const id = documentId ?? (query ? undefined : hashIn(extensions));
    if (id === undefined) {
      if (isRequired(settings, headers)) throw onlyTrusted();
      return query;
    }
    if (query) throw new AppError('BAD_REQUEST', 'Send `documentId` or `query`, not both.');
    // the prefix of the specification's ids, which automatic persisted queries leave out
    const text = typeof id === 'string' ? (documents.get(id) ?? documents.get(`sha256:${id}`)) : undefined;
    // the words that Apollo Client looks for, to send the document where it may
    if (text === undefined) throw new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    return text;
  };
}

/** Without a manifest, a request must bring its document. */
export const untrustedDocument: DocumentOf = ({ query, documentId, extensions }) => {
  if (query || (documentId === undefined && hashIn(extensions) === undefined)) return query;
  // the words that Apollo Client looks for, to send the document
  throw new AppError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
};

/** `extensions.persistedQuery.sha256Hash`, the form of automatic persisted queries. */
function hashIn(extensions: unknown): unknown {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } };
  return persistedQuery === undefined ? undefined : (persistedQuery?.sha256Hash ?? null);
}

/** Browsers send one of both headers, which no script of a page can remove (Fetch, 4.5 and 3.2). */
const isRequired = ({ requiredOf }: TrustedSettings, headers: IncomingHttpHeaders): boolean =>
  requiredOf === 'all' ||
  (requiredOf === 'browsers' && (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined));

const onlyTrusted = () =>
  new AppError(
    'FORBIDDEN',
    'This server executes trusted documents only; send the `documentId` of one of its manifest.',
  );

const refuse = (path: string, what: string, cause?: unknown): never => {
  throw new StartupError(
    `TRUSTED_DOCUMENTS_PATH: ${path} ${what}; give the manifest that graphql-codegen writes (persistedDocuments).`,
    { cause },
  );
};

function readManifest(path: string): Record<string, string> {
  const text = readText(path);
  const manifest = parsed(path, text);
  const isManifest =
    typeof manifest === 'object' &&
    manifest !== null &&
    !Array.isArray(manifest) &&
    Object.values(manifest).every((document) => typeof document === 'string');
  return isManifest ? (manifest as Record<string, string>) : refuse(path, 'is no object of documents by id');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(path, `cannot be read (${(error as { code?: string }).code})`, error);
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse(path, 'is not JSON', error);
  }
}

function assertValid(path: string, id: string, text: string, schema: GraphQLSchema): void {
  const what = `has a document ${id.slice(0, 80)} that the schema does not allow`;
  try {
    if (validate(schema, parse(text)).length === 0) return;
  } catch (error) {
    refuse(path, what, error);
  }
  refuse(path, what);
}
