/**
 * @generated SignedSource<<0115df1d359c0742836a782c4907cbf0>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type relayAuditLogSubscription$variables = {
  after?: string | null | undefined;
};
export type relayAuditLogSubscription$data = {
  readonly auditEvents: {
    readonly action: string;
    readonly cursor: string;
    readonly id: string;
  };
};
export type relayAuditLogSubscription = {
  response: relayAuditLogSubscription$data;
  variables: relayAuditLogSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "after"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "after",
        "variableName": "after"
      }
    ],
    "concreteType": "AuditEvent",
    "kind": "LinkedField",
    "name": "auditEvents",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "id",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "cursor",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "action",
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "relayAuditLogSubscription",
    "selections": (v1/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "relayAuditLogSubscription",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "2dfb47d78d63eba0258ede12ef6e714d",
    "id": null,
    "metadata": {},
    "name": "relayAuditLogSubscription",
    "operationKind": "subscription",
    "text": "subscription relayAuditLogSubscription(\n  $after: String\n) {\n  auditEvents(after: $after) {\n    id\n    cursor\n    action\n  }\n}\n"
  }
};
})();

(node as any).hash = "49ec890d50b77e5b63caf6318ed2cce7";

export default node;
