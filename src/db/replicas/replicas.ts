import type { TenantPool } from '../tenant/pool.ts';
import type { ReplicaRead } from '../tenant/required-state.ts';
import type { Replica } from './replica.ts';

/** A replica as health and metrics show it. */
export type ReplicaFigures = {
  name: string;
  /** Why it is not used; null while it is. */
  leftOut: string | null;
  lagBytes: number | null;
  lagSeconds: number | null;
  reads: Readonly<Replica['reads']>;
};

/** The replicas that queries may read from, in turns. */
export type Replicas = {
  /** Whether any can be used now. */
  areUsed: () => boolean;
  /** Runs a read on one of them; null where the primary has to answer. */
  read: ReplicaRead;
  figures: () => ReplicaFigures[];
  pools: () => Record<string, TenantPool>;
  close: () => Promise<void>;
};

export function replicasOf(all: readonly Replica[], stop: () => void): Replicas {
  let turn = 0;
  const used = () => all.filter(({ leftOut }) => leftOut === null);
  return {
    areUsed: () => all.some(({ leftOut }) => leftOut === null),
    async read(state, statement) {
      const now = used();
      turn += 1;
      return (await now[turn % now.length]?.read(state, statement)) ?? null;
    },
    figures: () =>
      all.map(({ name, leftOut, lag, reads }) => ({
        ...{ name, leftOut, reads },
        lagBytes: lag?.bytes ?? null,
        lagSeconds: lag && Number.isFinite(lag.seconds) ? lag.seconds : null,
      })),
    pools: () => Object.fromEntries(all.map(({ name, pool }) => [`replica ${name}`, pool])),
    async close() {
      stop();
      await Promise.all(all.map(({ pool }) => pool.end()));
    },
  };
}
