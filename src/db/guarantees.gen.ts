// Generated from prisma/schema.prisma by prisma/guarantees.ts. Do not edit; review it.

/** One column: its Prisma type and what protects it. */
export type FieldGuarantee = {
  type: string;
  list: boolean;
  required: boolean;
  relation?: string;
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
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "currency": {
        "type": "String",
        "list": false,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership"
      },
      "roles": {
        "type": "Role",
        "list": true,
        "required": true,
        "relation": "Role"
      },
      "branches": {
        "type": "Branch",
        "list": true,
        "required": true,
        "relation": "Branch"
      },
      "departments": {
        "type": "Department",
        "list": true,
        "required": true,
        "relation": "Department"
      },
      "teams": {
        "type": "Team",
        "list": true,
        "required": true,
        "relation": "Team"
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee"
      },
      "attendance": {
        "type": "Attendance",
        "list": true,
        "required": true,
        "relation": "Attendance"
      },
      "payrollRuns": {
        "type": "PayrollRun",
        "list": true,
        "required": true,
        "relation": "PayrollRun"
      },
      "payrollItems": {
        "type": "PayrollItem",
        "list": true,
        "required": true,
        "relation": "PayrollItem"
      },
      "teamMembers": {
        "type": "TeamMember",
        "list": true,
        "required": true,
        "relation": "TeamMember"
      },
      "dataKeys": {
        "type": "DataKey",
        "list": true,
        "required": true,
        "relation": "DataKey"
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
        "required": true
      },
      "email": {
        "type": "String",
        "list": false,
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "credential": {
        "type": "Credential",
        "list": false,
        "required": false,
        "relation": "Credential"
      },
      "sessions": {
        "type": "Session",
        "list": true,
        "required": true,
        "relation": "Session"
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership"
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
        "required": true
      },
      "passwordHash": {
        "type": "String",
        "list": false,
        "required": true,
        "secret": true
      },
      "changedAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "person": {
        "type": "Person",
        "list": false,
        "required": true,
        "relation": "Person"
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
        "secret": true
      },
      "personId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "companyId": {
        "type": "String",
        "list": false,
        "required": false
      },
      "ip": {
        "type": "String",
        "list": false,
        "required": false
      },
      "userAgent": {
        "type": "String",
        "list": false,
        "required": false
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "lastUsedAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "absoluteExpiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "person": {
        "type": "Person",
        "list": false,
        "required": true,
        "relation": "Person"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "scope": {
        "type": "String",
        "list": false,
        "required": true
      },
      "purpose": {
        "type": "String",
        "list": false,
        "required": true
      },
      "version": {
        "type": "Int",
        "list": false,
        "required": true
      },
      "masterKey": {
        "type": "String",
        "list": false,
        "required": true
      },
      "wrapped": {
        "type": "String",
        "list": false,
        "required": true,
        "secret": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "personId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "email": {
        "type": "String",
        "list": false,
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "status": {
        "type": "MembershipStatus",
        "list": false,
        "required": true
      },
      "roles": {
        "type": "String",
        "list": true,
        "required": true
      },
      "branchId": {
        "type": "String",
        "list": false,
        "required": false
      },
      "departmentId": {
        "type": "String",
        "list": false,
        "required": false
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "person": {
        "type": "Person",
        "list": false,
        "required": true,
        "relation": "Person"
      },
      "branch": {
        "type": "Branch",
        "list": false,
        "required": false,
        "relation": "Branch"
      },
      "department": {
        "type": "Department",
        "list": false,
        "required": false,
        "relation": "Department"
      },
      "teams": {
        "type": "TeamMember",
        "list": true,
        "required": true,
        "relation": "TeamMember"
      },
      "employee": {
        "type": "Employee",
        "list": false,
        "required": false,
        "relation": "Employee"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "slug": {
        "type": "String",
        "list": false,
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "level": {
        "type": "Int",
        "list": false,
        "required": true
      },
      "reach": {
        "type": "Reach",
        "list": false,
        "required": true
      },
      "readOnly": {
        "type": "Boolean",
        "list": false,
        "required": true
      },
      "permissions": {
        "type": "String",
        "list": true,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "departments": {
        "type": "Department",
        "list": true,
        "required": true,
        "relation": "Department"
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee"
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "branchId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "branch": {
        "type": "Branch",
        "list": false,
        "required": true,
        "relation": "Branch"
      },
      "teams": {
        "type": "Team",
        "list": true,
        "required": true,
        "relation": "Team"
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee"
      },
      "memberships": {
        "type": "Membership",
        "list": true,
        "required": true,
        "relation": "Membership"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "departmentId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "roles": {
        "type": "String",
        "list": true,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "department": {
        "type": "Department",
        "list": false,
        "required": true,
        "relation": "Department"
      },
      "members": {
        "type": "TeamMember",
        "list": true,
        "required": true,
        "relation": "TeamMember"
      },
      "employees": {
        "type": "Employee",
        "list": true,
        "required": true,
        "relation": "Employee"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "teamId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "membershipId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "team": {
        "type": "Team",
        "list": false,
        "required": true,
        "relation": "Team"
      },
      "membership": {
        "type": "Membership",
        "list": false,
        "required": true,
        "relation": "Membership"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "branchId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "departmentId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "teamId": {
        "type": "String",
        "list": false,
        "required": false
      },
      "personId": {
        "type": "String",
        "list": false,
        "required": false
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true
      },
      "email": {
        "type": "String",
        "list": false,
        "required": true
      },
      "jobTitle": {
        "type": "String",
        "list": false,
        "required": false
      },
      "startedOn": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "salary": {
        "type": "String",
        "list": false,
        "required": false,
        "sealed": {
          "scope": "pii",
          "type": "decimal"
        }
      },
      "iban": {
        "type": "String",
        "list": false,
        "required": false,
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
        "companionOf": "iban"
      },
      "ibanLast4": {
        "type": "String",
        "list": false,
        "required": false,
        "companionOf": "iban"
      },
      "civilId": {
        "type": "String",
        "list": false,
        "required": false,
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
        "companionOf": "civilId"
      },
      "civilIdLast4": {
        "type": "String",
        "list": false,
        "required": false,
        "companionOf": "civilId"
      },
      "passport": {
        "type": "String",
        "list": false,
        "required": false,
        "sealed": {
          "scope": "pii",
          "mask": "last4"
        }
      },
      "passportLast4": {
        "type": "String",
        "list": false,
        "required": false,
        "companionOf": "passport"
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "branch": {
        "type": "Branch",
        "list": false,
        "required": true,
        "relation": "Branch"
      },
      "department": {
        "type": "Department",
        "list": false,
        "required": true,
        "relation": "Department"
      },
      "team": {
        "type": "Team",
        "list": false,
        "required": false,
        "relation": "Team"
      },
      "member": {
        "type": "Membership",
        "list": false,
        "required": false,
        "relation": "Membership"
      },
      "attendance": {
        "type": "Attendance",
        "list": true,
        "required": true,
        "relation": "Attendance"
      },
      "payrollItems": {
        "type": "PayrollItem",
        "list": true,
        "required": true,
        "relation": "PayrollItem"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "employeeId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "day": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "minutes": {
        "type": "Int",
        "list": false,
        "required": true
      },
      "status": {
        "type": "AttendanceStatus",
        "list": false,
        "required": true
      },
      "recordedById": {
        "type": "String",
        "list": false,
        "required": true
      },
      "approvedById": {
        "type": "String",
        "list": false,
        "required": false
      },
      "approvedAt": {
        "type": "DateTime",
        "list": false,
        "required": false
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "employee": {
        "type": "Employee",
        "list": false,
        "required": true,
        "relation": "Employee"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "period": {
        "type": "String",
        "list": false,
        "required": true
      },
      "status": {
        "type": "PayrollStatus",
        "list": false,
        "required": true
      },
      "total": {
        "type": "String",
        "list": false,
        "required": false,
        "sealed": {
          "scope": "pii",
          "type": "decimal"
        }
      },
      "createdById": {
        "type": "String",
        "list": false,
        "required": true
      },
      "submittedById": {
        "type": "String",
        "list": false,
        "required": false
      },
      "submittedAt": {
        "type": "DateTime",
        "list": false,
        "required": false
      },
      "approvedById": {
        "type": "String",
        "list": false,
        "required": false
      },
      "approvedAt": {
        "type": "DateTime",
        "list": false,
        "required": false
      },
      "paidById": {
        "type": "String",
        "list": false,
        "required": false
      },
      "paidAt": {
        "type": "DateTime",
        "list": false,
        "required": false
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "items": {
        "type": "PayrollItem",
        "list": true,
        "required": true,
        "relation": "PayrollItem"
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
        "required": true
      },
      "id": {
        "type": "String",
        "list": false,
        "required": true
      },
      "runId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "employeeId": {
        "type": "String",
        "list": false,
        "required": true
      },
      "amount": {
        "type": "String",
        "list": false,
        "required": true,
        "sealed": {
          "scope": "pii",
          "type": "decimal"
        }
      },
      "createdAt": {
        "type": "DateTime",
        "list": false,
        "required": true
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": true,
        "relation": "Company"
      },
      "run": {
        "type": "PayrollRun",
        "list": false,
        "required": true,
        "relation": "PayrollRun"
      },
      "employee": {
        "type": "Employee",
        "list": false,
        "required": true,
        "relation": "Employee"
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
        "required": true
      },
      "proof": {
        "type": "String",
        "list": false,
        "required": true,
        "secret": true
      }
    }
  }
};
