import { builder } from './builder.ts';

/**
 * Declares an enum. The keys of `values` are the values in code and database, each with its
 * description. Clients see them in upper case, `backup_code` as `BACKUP_CODE`.
 */
export const enumOf = <Value extends string>(
  name: string,
  description: string,
  values: Record<Value, string>,
) => {
  const entries = Object.entries<string>(values).map(([value, text]) => [
    value.toUpperCase(),
    { value: value as Value, description: text },
  ]);
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(entries) as Record<string, { value: Value; description: string }>,
  });
};
