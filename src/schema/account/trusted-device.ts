import type { TrustedDevice as TrustedDeviceRow } from '../../auth/mfa/trusted-device-store.ts';
import { revokeTrustedDevice, trustedDevices } from '../../auth/mfa/trusted-devices.ts';
import type { Context } from '../../context.ts';
import { shortList, shortListNode } from '../connections/short-list.ts';
import { builder } from '../core/builder.ts';
import { globalIdOf } from '../core/global-id.ts';
import { mutation } from '../core/mutation.ts';

const devices = (context: Context) => context.read(trustedDevices, undefined);

const TrustedDevice = builder.node(builder.objectRef<TrustedDeviceRow>('TrustedDevice'), {
  ...shortListNode(devices),
  description: 'A device of yours that signs in with the password alone.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'The browser and the system by their own account, such as `Firefox on Windows`.',
    }),
    ip: t.exposeString('ip', {
      nullable: true,
      description: 'The network address from which it became a trusted device.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it became a trusted device.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When you last signed in on it.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Until when it is trusted.',
    }),
  }),
});

shortList('trustedDevices', {
  type: TrustedDevice,
  description: 'Your trusted devices, latest used first.',
  authScopes: { signedIn: true },
  order: ['-lastUsedAt'],
  rows: devices,
});

mutation('revokeTrustedDevice', revokeTrustedDevice, {
  description: 'Revokes a trusted device: its next sign-in requires a second factor.',
  input: (t) => ({
    trustedDeviceId: t.globalID({
      required: true,
      for: [TrustedDevice],
      description: 'The device to revoke.',
    }),
  }),
  payload: (t) => ({
    revokedTrustedDeviceId: t.id({
      description: 'The id of the revoked device.',
      resolve: ({ id }) => globalIdOf('TrustedDevice', id),
    }),
  }),
});
