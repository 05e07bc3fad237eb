/**
 * Returns an error for the log: type, code, frames, and its message without quoted text. Database
 * and validation errors quote values, and Prisma repeats the call with its arguments above the last
 * line.
 */
export function safeError(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: safeMessage(error.message),
    stack: frames.map((frame) => frame.trim()),
    ...(error.cause instanceof Error && { cause: safeError(error.cause) }),
  };
}

/** Takes time proportional to the length: no pattern scans on from each of its beginnings. */
const safeMessage = (message: string) =>
  (message.trim().split('\n').at(-1) ?? '')
    .replace(/"(?:[^"\\]|\\.)*(?:"|$)|'[^']*'|`[^`]*`|\((?:[^()]*)\)=\((?:[^()]*)\)/g, '"…"')
    .replace(/(value(?:(?!value)[^:])*): .*/, '$1: …')
    .slice(0, 300);
