// Generated from prisma/schema.prisma by prisma/guarantees.ts. Do not edit; review it.

/** One column: its Prisma type and what protects it. */
export type FieldGuarantee = {
  type: string;
  list: boolean;
  required: boolean;
  relation?: string;
  /** The columns that join the relation: here, there. */
  on?: [here: string, there: string][];
  sql?: 'uuid' | 'text' | 'text[]' | 'enum' | 'date' | 'timestamptz' | 'integer' | 'boolean' | 'other';
  sealed?: { scope: string; type?: 'decimal'; search?: 'exact'; mask?: 'last4' };
  companionOf?: string;
  secret?: true;
};

/** One model: whose rows they are, whether changes are on the record, who sees which of them. */
export type ModelGuarantee = {
  table: string;
  tenant: 'companyId' | 'id' | null;
  identity: string | null;
  audited: boolean;
  uniques: Record<string, string[]>;
  visible?: { read: string; branch?: string; department?: string; team?: string; self?: string };
  fields: Record<string, FieldGuarantee>;
};

export type ModelName = 'Company' | 'Person' | 'Credential' | 'Session' | 'DataKey' | 'Membership' | 'Role' | 'Branch' | 'Department' | 'Team' | 'TeamMember' | 'Employee' | 'Attendance' | 'PayrollRun' | 'PayrollItem' | 'MasterKeyCheck';

export const guarantees: Record<ModelName, ModelGuarantee> = {
  "Company": {
    "table": "Company",
    "tenant": "id",
    "identity": null,
    "audited": true,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "currency": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "roles": {
        "type": "Role",
        "list": true,
        "required": true,
        "relation": "Role",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "branches": {
        "type": "Branch",
        "list": true,
        "required": true,
        "relation": "Branch",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "departments": {
        "type": "Department",
        "list": true,
        "required": true,
        "relation": "Department",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "teams": {
        "type": "Team",
        "list": true,
        "required": true,
        "relation": "Team",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "attendance": {
        "type": "Attendance",
        "list": true,
        "required": true,
        "relation": "Attendance",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "payrollRuns": {
        "type": "PayrollRun",
        "list": true,
        "required": true,
        "relation": "PayrollRun",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "payrollItems": {
        "type": "PayrollItem",
        "list": true,
        "required": true,
        "relation": "PayrollItem",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "teamMembers": {
        "type": "TeamMember",
        "list": true,
        "required": true,
        "relation": "TeamMember",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "dataKeys": {
        "type": "DataKey",
        "list": true,
        "required": true,
        "relation": "DataKey",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      }
    }
  },
  "Person": {
    "table": "Person",
    "tenant": null,
    "identity": "id",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "email": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "credential": {
        "type": "Credential",
        "list": false,
        "required": false,
        "relation": "Credential",
        "on": [
          [
            "id",
            "personId"
          ]
        ]
      },
      "sessions": {
        "type": "Session",
        "list": true,
        "required": true,
        "relation": "Session",
        "on": [
          [
            "id",
            "personId"
          ]
        ]
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership",
        "on": [
          [
            "id",
            "personId"
          ]
        ]
      }
    }
  },
  "Credential": {
    "table": "Credential",
    "tenant": null,
    "identity": "personId",
    "audited": false,
    "uniques": {},
    "fields": {
      "personId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "passwordHash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "changedAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "person": {
        "type": "Person",
        "list": false,
        "required": true,
        "relation": "Person",
        "on": [
          [
            "personId",
            "id"
          ]
        ]
      }
    }
  },
  "Session": {
    "table": "Session",
    "tenant": null,
    "identity": "personId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "personId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "companyId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "ip": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text"
      },
      "userAgent": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "lastUsedAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "absoluteExpiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "person": {
        "type": "Person",
        "list": false,
        "required": true,
        "relation": "Person",
        "on": [
          [
            "personId",
            "id"
          ]
        ]
      }
    }
  },
  "DataKey": {
    "table": "DataKey",
    "tenant": "companyId",
    "identity": null,
    "audited": false,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_scope_purpose_version": [
        "companyId",
        "scope",
        "purpose",
        "version"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "scope": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "purpose": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "version": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "masterKey": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "wrapped": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      }
    }
  },
  "Membership": {
    "table": "Membership",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_personId": [
        "companyId",
        "personId"
      ],
      "companyId_email": [
        "companyId",
        "email"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "personId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "email": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "status": {
        "type": "MembershipStatus",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "roles": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "branchId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "departmentId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "person": {
        "type": "Person",
        "list": false,
        "required": true,
        "relation": "Person",
        "on": [
          [
            "personId",
            "id"
          ]
        ]
      },
      "branch": {
        "type": "Branch",
        "list": false,
        "required": false,
        "relation": "Branch",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "branchId",
            "id"
          ]
        ]
      },
      "department": {
        "type": "Department",
        "list": false,
        "required": false,
        "relation": "Department",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "departmentId",
            "id"
          ]
        ]
      },
      "teams": {
        "type": "TeamMember",
        "list": true,
        "required": true,
        "relation": "TeamMember",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "membershipId"
          ]
        ]
      },
      "employee": {
        "type": "Employee",
        "list": false,
        "required": false,
        "relation": "Employee",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "personId",
            "personId"
          ]
        ]
      }
    }
  },
  "Role": {
    "table": "Role",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_slug": [
        "companyId",
        "slug"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "slug": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "level": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "reach": {
        "type": "Reach",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "readOnly": {
        "type": "Boolean",
        "list": false,
        "required": true,
        "sql": "boolean"
      },
      "permissions": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      }
    }
  },
  "Branch": {
    "table": "Branch",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_name": [
        "companyId",
        "name"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "departments": {
        "type": "Department",
        "list": true,
        "required": true,
        "relation": "Department",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "branchId"
          ]
        ]
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "branchId"
          ]
        ]
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "branchId"
          ]
        ]
      }
    }
  },
  "Department": {
    "table": "Department",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_name": [
        "companyId",
        "name"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "branchId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "branch": {
        "type": "Branch",
        "list": false,
        "required": true,
        "relation": "Branch",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "branchId",
            "id"
          ]
        ]
      },
      "teams": {
        "type": "Team",
        "list": true,
        "required": true,
        "relation": "Team",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "departmentId"
          ]
        ]
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "departmentId"
          ]
        ]
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "departmentId"
          ]
        ]
      }
    }
  },
  "Team": {
    "table": "Team",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_name": [
        "companyId",
        "name"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "departmentId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "roles": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "department": {
        "type": "Department",
        "list": false,
        "required": true,
        "relation": "Department",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "departmentId",
            "id"
          ]
        ]
      },
      "members": {
        "type": "TeamMember",
        "list": true,
        "required": true,
        "relation": "TeamMember",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "teamId"
          ]
        ]
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "teamId"
          ]
        ]
      }
    }
  },
  "TeamMember": {
    "table": "TeamMember",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_teamId_membershipId": [
        "companyId",
        "teamId",
        "membershipId"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "teamId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "membershipId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "team": {
        "type": "Team",
        "list": false,
        "required": true,
        "relation": "Team",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "teamId",
            "id"
          ]
        ]
      },
      "membership": {
        "type": "Membership",
        "list": false,
        "required": true,
        "relation": "Membership",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "membershipId",
            "id"
          ]
        ]
      }
    }
  },
  "Employee": {
    "table": "Employee",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_email": [
        "companyId",
        "email"
      ],
      "companyId_personId": [
        "companyId",
        "personId"
      ],
      "companyId_civilIdIndex": [
        "companyId",
        "civilIdIndex"
      ]
    },
    "visible": {
      "read": "employee.read",
      "branch": "branchId",
      "department": "departmentId",
      "team": "teamId",
      "self": "personId"
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "branchId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "departmentId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "teamId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "personId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "email": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "jobTitle": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text"
      },
      "startedOn": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "date"
      },
      "salary": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "sealed": {
          "scope": "pii",
          "type": "decimal"
        }
      },
      "iban": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "sealed": {
          "scope": "pii",
          "search": "exact",
          "mask": "last4"
        }
      },
      "ibanIndex": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "companionOf": "iban"
      },
      "ibanLast4": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "companionOf": "iban"
      },
      "civilId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "sealed": {
          "scope": "pii",
          "search": "exact",
          "mask": "last4"
        }
      },
      "civilIdIndex": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "companionOf": "civilId"
      },
      "civilIdLast4": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "companionOf": "civilId"
      },
      "passport": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "sealed": {
          "scope": "pii",
          "mask": "last4"
        }
      },
      "passportLast4": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "companionOf": "passport"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "branch": {
        "type": "Branch",
        "list": false,
        "required": true,
        "relation": "Branch",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "branchId",
            "id"
          ]
        ]
      },
      "department": {
        "type": "Department",
        "list": false,
        "required": true,
        "relation": "Department",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "departmentId",
            "id"
          ]
        ]
      },
      "team": {
        "type": "Team",
        "list": false,
        "required": false,
        "relation": "Team",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "teamId",
            "id"
          ]
        ]
      },
      "member": {
        "type": "Membership",
        "list": false,
        "required": false,
        "relation": "Membership",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "personId",
            "personId"
          ]
        ]
      },
      "attendance": {
        "type": "Attendance",
        "list": true,
        "required": true,
        "relation": "Attendance",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "employeeId"
          ]
        ]
      },
      "payrollItems": {
        "type": "PayrollItem",
        "list": true,
        "required": true,
        "relation": "PayrollItem",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "employeeId"
          ]
        ]
      }
    }
  },
  "Attendance": {
    "table": "Attendance",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_employeeId_day": [
        "companyId",
        "employeeId",
        "day"
      ]
    },
    "visible": {
      "read": "attendance.read",
      "branch": "employee.branchId",
      "department": "employee.departmentId",
      "team": "employee.teamId",
      "self": "employee.personId"
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "employeeId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "day": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "date"
      },
      "minutes": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "status": {
        "type": "AttendanceStatus",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "recordedById": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "approvedById": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "approvedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "employee": {
        "type": "Employee",
        "list": false,
        "required": true,
        "relation": "Employee",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "employeeId",
            "id"
          ]
        ]
      }
    }
  },
  "PayrollRun": {
    "table": "PayrollRun",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_period": [
        "companyId",
        "period"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "period": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "status": {
        "type": "PayrollStatus",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "total": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "sealed": {
          "scope": "pii",
          "type": "decimal"
        }
      },
      "createdById": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "submittedById": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "submittedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "approvedById": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "approvedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "paidById": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "paidAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "items": {
        "type": "PayrollItem",
        "list": true,
        "required": true,
        "relation": "PayrollItem",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "runId"
          ]
        ]
      }
    }
  },
  "PayrollItem": {
    "table": "PayrollItem",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_runId_employeeId": [
        "companyId",
        "runId",
        "employeeId"
      ]
    },
    "fields": {
      "companyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "runId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "employeeId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "amount": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "sealed": {
          "scope": "pii",
          "type": "decimal"
        }
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company",
        "on": [
          [
            "companyId",
            "id"
          ]
        ]
      },
      "run": {
        "type": "PayrollRun",
        "list": false,
        "required": true,
        "relation": "PayrollRun",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "runId",
            "id"
          ]
        ]
      },
      "employee": {
        "type": "Employee",
        "list": false,
        "required": true,
        "relation": "Employee",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "employeeId",
            "id"
          ]
        ]
      }
    }
  },
  "MasterKeyCheck": {
    "table": "MasterKeyCheck",
    "tenant": null,
    "identity": null,
    "audited": false,
    "uniques": {},
    "fields": {
      "masterKey": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "proof": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      }
    }
  }
};
