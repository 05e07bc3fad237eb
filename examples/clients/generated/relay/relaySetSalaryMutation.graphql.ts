/**
 * @generated SignedSource<<2c50e558f8ae73be1078b9bd9eba946a>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type SetEmployeeSalaryInput = {
  employeeId: string;
  salary: string;
};
export type relaySetSalaryMutation$variables = {
  input: SetEmployeeSalaryInput;
};
export type relaySetSalaryMutation$data = {
  readonly setEmployeeSalary: {
    readonly employee: {
      readonly id: string;
      readonly salary: string | null | undefined;
    };
  };
};
export type relaySetSalaryMutation = {
  response: relaySetSalaryMutation$data;
  variables: relaySetSalaryMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "input"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "input",
        "variableName": "input"
      }
    ],
    "concreteType": "SetEmployeeSalaryPayload",
    "kind": "LinkedField",
    "name": "setEmployeeSalary",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "Employee",
        "kind": "LinkedField",
        "name": "employee",
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
            "name": "salary",
            "storageKey": null
          }
        ],
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
    "name": "relaySetSalaryMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "relaySetSalaryMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "1139c2c579afc448ed5c8e7aaa8bc6ec",
    "id": null,
    "metadata": {},
    "name": "relaySetSalaryMutation",
    "operationKind": "mutation",
    "text": "mutation relaySetSalaryMutation(\n  $input: SetEmployeeSalaryInput!\n) {\n  setEmployeeSalary(input: $input) {\n    employee {\n      id\n      salary\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "d90217ed3a16e9d3e1fec9f468b8c9ab";

export default node;
