import { styleText } from 'node:util';
import type { DestinationStream } from 'pino';

type Line = { level: string; time: string; msg?: string; err?: Failure } & Record<string, unknown>;
type Failure = { type?: string; message?: string; stack?: string[] };

const COLOURS = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green' } as const;
const colourOf = (level: string) => COLOURS[level as keyof typeof COLOURS] ?? 'gray';

/**
 * Writes log lines for a person at a terminal: time, level, message, then the fields. Takes what
 * pino writes as JSON.
 */
export const terminalLog = (write: (text: string) => void): DestinationStream => ({
  write: (json) => write(`${readable(JSON.parse(json))}\n`),
});

function readable({ level, time, msg, err, ...fields }: Line): string {
  const clock = styleText('gray', new Date(time).toTimeString().slice(0, 8));
  const rest = Object.entries(fields)
    .filter(([name, value]) => value !== undefined && name !== 'requestId')
    .map(([name, value]) =>
      styleText('gray', `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`),
    );
  const head = [clock, styleText(colourOf(level), level.padEnd(5)), msg, ...rest].filter(Boolean).join(' ');
  return err ? [head, ...failureLines(err)].join('\n') : head;
}

const failureLines = ({ type, message, stack = [] }: Failure): string[] =>
  [`${type}: ${message}`, ...stack].map((line) => `    ${line}`);
