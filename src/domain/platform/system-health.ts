import { reading } from '../../auth/reading.ts';
import { databaseTime } from '../../db/clock.ts';
import type { ReplicaFigures } from '../../db/replicas/replicas.ts';
import { definitionOf, type FigureName, figureNames, isAlerting, type Unit } from '../../health/figures.ts';
import type { Point } from '../../health/monitor.ts';

/** A figure with its threshold; `reason` says why there is no value. */
export type HealthFigure = {
  name: FigureName;
  unit: Unit;
  value: number | null;
  threshold: number | null;
  isAlerting: boolean;
  reason: string | null;
};
export type SystemHealth = {
  instance: string;
  startedAt: Date;
  measuredAt: Date;
  figures: HealthFigure[];
  replicas: ReplicaFigures[];
};

const caller = { caller: 'actor', permission: 'platform.health.read' } as const;

/** Measures the instance that answers, and the database. */
export const systemHealth = reading({
  ...caller,
  run: async ({ services: { health, replicas } }): Promise<SystemHealth> => {
    const measurement = await health.measure();
    const figures = figureNames.map((name) => {
      const { unit, above, below } = definitionOf(name);
      const measured = measurement[name];
      const reason = measured.value === null ? measured.reason : null;
      const threshold = above ?? below ?? null;
      const alerting = isAlerting(name, measured);
      return { name, unit, value: measured.value, threshold, isAlerting: alerting, reason };
    });
    return {
      ...{ instance: health.instance, startedAt: health.startedAt, measuredAt: databaseTime(), figures },
      replicas: replicas?.figures() ?? [],
    };
  },
});

export type HealthSeries = { figure: FigureName; unit: Unit; points: readonly Point[] };

/** Returns the values of one figure that the answering instance keeps. */
export const systemHealthSeries = reading({
  ...caller,
  run: ({ services: { health } }, figure: FigureName): HealthSeries => ({
    figure,
    unit: definitionOf(figure).unit,
    points: health.seriesOf(figure),
  }),
});
