import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { databaseTime } from '../db/clock.ts';
import type { Query } from '../db/sql.ts';
import { databaseFigures } from './database.ts';
import {
  definitionOf,
  type FigureName,
  figureNames,
  isAlerting,
  type Measured,
  type Measurement,
} from './figures.ts';
import { processFigures } from './process.ts';

const EVERY_MS = 5_000;
/** PostgreSQL is asked in every twelfth round: once a minute. */
const DATABASE_ROUNDS = 12;
/** Kept values of each figure: an hour of the process, twelve hours of PostgreSQL. */
const KEPT = 720;

export type Point = { measuredAt: Date; value: number };

export type HealthMonitor = {
  instance: string;
  startedAt: Date;
  /** Measures now, without a place in the series. */
  measure(): Promise<Required<Measurement>>;
  /** The kept values of a figure, oldest first. */
  seriesOf(name: FigureName): readonly Point[];
  /** Measures every 5 seconds from now on. */
  start(): void;
  /** Measures once and keeps the values; for `start`, and for tests. */
  sample(withDatabase: boolean): Promise<void>;
  stop(): void;
};

type Options = { query: Query; folder: string; log: Logger };

/** Measures this instance and its database, and logs when a figure passes its threshold. */
export function healthMonitor({ query, folder, log }: Options): HealthMonitor {
  const own = processFigures(folder);
  const series = new Map<FigureName, Point[]>(figureNames.map((name) => [name, []]));
  const alerting = new Set<FigureName>();
  let latest: Measurement = {};
  let timer: NodeJS.Timeout | undefined;

  async function sample(withDatabase: boolean): Promise<void> {
    const measurement = {
      ...(await own.measure()),
      ...(withDatabase && (await ofDatabase(query))),
    };
    latest = { ...latest, ...measurement };
    for (const [name, measured] of Object.entries(measurement) as [FigureName, Measured][]) {
      keep(series.get(name) as Point[], measured);
      tell(log, alerting, name, measured);
    }
  }

  function start(round = 0): void {
    timer = setTimeout(() => {
      void sample(round % DATABASE_ROUNDS === 0)
        .catch((err) => log.warn({ err }, 'the health of this instance could not be measured'))
        .finally(() => timer && start(round + 1));
    }, EVERY_MS).unref();
  }

  return {
    instance: `${hostname()}:${process.pid}`,
    startedAt: databaseTime(),
    seriesOf: (name) => series.get(name) ?? [],
    async measure() {
      if (!latest.memory) await sample(false);
      return { ...latest, ...(await ofDatabase(query)) } as Required<Measurement>;
    },
    sample,
    start: () => start(),
    stop() {
      clearTimeout(timer);
      timer = undefined;
      own.stop();
    },
  };
}

/** A database that does not answer gives no figure, and takes none of the others. */
const ofDatabase = (query: Query): Promise<Measurement> =>
  databaseFigures(query).catch(() => {
    const lost: Measured = { value: null, reason: 'The database does not answer.' };
    const names = figureNames.slice(figureNames.indexOf('database_connections'));
    return Object.fromEntries(names.map((name) => [name, lost]));
  });

function keep(points: Point[], { value }: Measured): void {
  if (value === null) return;
  points.push({ measuredAt: databaseTime(), value });
  if (points.length > KEPT) points.shift();
}

/** Logs a line when a figure passes its threshold, and one when it is back. */
function tell(log: Logger, alerting: Set<FigureName>, name: FigureName, measured: Measured): void {
  const alerts = isAlerting(name, measured);
  if (alerts === alerting.has(name)) return;
  const { above, below } = definitionOf(name);
  const line = { figure: name, value: measured.value, threshold: above ?? below };
  if (alerts) log.warn(line, 'a health figure has passed its threshold');
  else log.info(line, 'a health figure is within its threshold again');
  alerting[alerts ? 'add' : 'delete'](name);
}
