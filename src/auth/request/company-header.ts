const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const COMPANY = /^(?:Viewer)?Company:(.+)$/;

/**
 * Returns the UUID of the company that the header `x-company-id` names: by the id that the API
 * gives a company, or by the UUID itself. Any other text stays as it is and names no company.
 */
export function companyOfHeader(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header);
  const [, id = text] = COMPANY.exec(Buffer.from(text.slice(0, 200), 'base64').toString()) ?? [];
  return UUID.test(id) ? id.toLowerCase() : text;
}
