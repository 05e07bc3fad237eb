import {
  type HealthFigure,
  type HealthSeries,
  type SystemHealth,
  systemHealth,
  systemHealthSeries,
} from '../../domain/platform/system-health.ts';
import { type FigureName, figureNames, figures, type Unit } from '../../health/figures.ts';
import type { Point } from '../../health/monitor.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';

const rule = { can: 'platform.health.read' } as const;

const FigureNameEnum = enumOf(
  'HealthFigureName',
  'What a health figure measures.',
  Object.fromEntries(figureNames.map((name) => [name, figures[name].what])) as Record<FigureName, string>,
);
const UnitEnum = enumOf<Unit>('HealthUnit', 'In what a health figure is measured.', {
  share: 'A part of a whole, from 0 to 1.',
  bytes: 'Bytes.',
  seconds: 'Seconds.',
  count: 'A number of things.',
});

const HealthFigureType = builder.objectRef<HealthFigure>('HealthFigure').implement({
  description: 'One measured figure of an instance or its database.',
  authScopes: rule,
  fields: (t) => ({
    name: t.expose('name', { type: FigureNameEnum, description: 'What is measured.' }),
    unit: t.expose('unit', { type: UnitEnum, description: 'In what the value is measured.' }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The value; null where it could not be measured, for which `reason` says why.',
    }),
    threshold: t.exposeFloat('threshold', {
      nullable: true,
      description: 'The value from which on the figure alerts; null for a figure that never does.',
    }),
    isAlerting: t.exposeBoolean('isAlerting', { description: 'Whether the value has passed the threshold.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why there is no value, and what to do about it; null where there is a value.',
    }),
  }),
});

const ReplicaHealthType = builder.objectRef<SystemHealth['replicas'][number]>('ReplicaHealth').implement({
  description: 'A replica of the database, as the instance that answers uses it for queries.',
  authScopes: rule,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its host and port.' }),
    isUsed: t.boolean({
      description: 'Whether queries read from it.',
      resolve: ({ leftOut }) => leftOut === null,
    }),
    reason: t.exposeString('leftOut', {
      nullable: true,
      description: 'Why queries do not read from it; null while they do.',
    }),
    lagBytes: t.exposeFloat('lagBytes', {
      nullable: true,
      description: 'Bytes of the write-ahead log that it has not replayed; null where it is not measured.',
    }),
    lagSeconds: t.exposeFloat('lagSeconds', {
      nullable: true,
      description: 'Seconds since the primary was where it is now; null where it is not known.',
    }),
  }),
});

const SystemHealthType = builder.objectRef<SystemHealth>('SystemHealth').implement({
  description: 'The health of the instance that answers, and of the database.',
  authScopes: rule,
  fields: (t) => ({
    instance: t.exposeString('instance', { description: 'Host name and process id of the instance.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the instance was started.' }),
    measuredAt: t.expose('measuredAt', { type: 'DateTime', description: 'When the figures were measured.' }),
    figures: t.expose('figures', {
      type: [HealthFigureType],
      description: 'One figure of each name.',
      listSize: figureNames.length,
    }),
    replicas: t.expose('replicas', {
      type: [ReplicaHealthType],
      description: 'The replicas of REPLICA_DATABASE_URLS.',
      listSize: 4,
    }),
  }),
});

const HealthPointType = builder.objectRef<Point>('HealthPoint').implement({
  description: 'A figure at one time.',
  authScopes: rule,
  fields: (t) => ({
    measuredAt: t.expose('measuredAt', { type: 'DateTime', description: 'When it was measured.' }),
    value: t.exposeFloat('value', { description: 'The value, in the unit of the series.' }),
  }),
});

const HealthSeriesType = builder.objectRef<HealthSeries>('HealthSeries').implement({
  description: 'The kept values of one figure, for a chart.',
  authScopes: rule,
  fields: (t) => ({
    figure: t.expose('figure', { type: FigureNameEnum, description: 'What is measured.' }),
    unit: t.expose('unit', { type: UnitEnum, description: 'In what the values are measured.' }),
    points: t.field({
      type: [HealthPointType],
      description: 'At most 720 values, oldest first: every 5 seconds, and every minute of the database.',
      listSize: 720,
      resolve: ({ points }) => [...points],
    }),
  }),
});

builder.queryField('systemHealth', (t) =>
  t.field({
    type: SystemHealthType,
    description: 'The health of the instance that answers, and of the database, measured now.',
    authScopes: rule,
    resolve: (_root, _args, context) => context.read(systemHealth, undefined),
  }),
);

builder.queryField('systemHealthSeries', (t) =>
  t.field({
    type: HealthSeriesType,
    description: 'The values of one figure since the start of the instance that answers.',
    authScopes: rule,
    args: {
      figure: t.arg({ type: FigureNameEnum, required: true, description: 'Which figure.' }),
    },
    resolve: (_root, { figure }, context) => context.read(systemHealthSeries, figure),
  }),
);
