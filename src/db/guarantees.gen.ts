// Generated from prisma/schema by prisma/guarantees.ts. Do not edit; review it.

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

/** The annotations of one model: tenant, audit, visibility. */
export type ModelGuarantee = {
  table: string;
  tenant: 'companyId' | 'id' | null;
  identity: string | null;
  audited: boolean;
  uniques: Record<string, string[]>;
  visible?: { read: string; branch?: string; department?: string; team?: string; self?: string };
  fields: Record<string, FieldGuarantee>;
};

export type ModelName = 'Membership' | 'MfaGrace' | 'Role' | 'TeamMember' | 'SignInPolicy' | 'SignUpRequest' | 'IdempotencyKey' | 'ServiceAccount' | 'ApiKey' | 'ApiKeyUse' | 'ApiKeyAnomaly' | 'DataKey' | 'MasterKeyCheck' | 'SigningKey' | 'MfaChallenge' | 'TotpFactor' | 'ContactFactor' | 'OneTimeCode' | 'BackupCode' | 'Passkey' | 'WebAuthnChallenge' | 'TrustedDevice' | 'User' | 'Credential' | 'PasswordHistory' | 'Session' | 'RotatedSessionToken' | 'RefreshToken' | 'RevokedToken' | 'EmailToken' | 'Throttle' | 'Company' | 'Branch' | 'Department' | 'Team' | 'PayrollRun' | 'PayrollItem' | 'Employee' | 'Attendance';

export const guarantees: Record<ModelName, ModelGuarantee> = {
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
      "companyId_userId": [
        "companyId",
        "userId"
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
      "userId": {
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
      "mfaRequired": {
        "type": "Boolean",
        "list": false,
        "required": true,
        "sql": "boolean"
      },
      "mfaGraceFrom": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "invitedUntil": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "invitedById": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
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
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
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
            "branchId",
            "branchId"
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
            "userId",
            "userId"
          ]
        ]
      }
    }
  },
  "MfaGrace": {
    "table": "MfaGrace",
    "tenant": "companyId",
    "identity": null,
    "audited": false,
    "uniques": {
      "key": [
        "companyId",
        "id"
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
      "startedAt": {
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
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "id",
            "id"
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
      "accessScope": {
        "type": "AccessScope",
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
  "SignInPolicy": {
    "table": "SignInPolicy",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
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
      "signUpMode": {
        "type": "SignUpMode",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "signUpDomains": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "signUpRoles": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "passwordPreset": {
        "type": "PasswordPreset",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "mfaRequired": {
        "type": "Boolean",
        "list": false,
        "required": true,
        "sql": "boolean"
      },
      "mfaRoles": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "mfaGraceDays": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "stepUpMinutes": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "trustedDeviceDays": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "sessionIdleMinutes": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "sessionAbsoluteHours": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
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
  "SignUpRequest": {
    "table": "SignUpRequest",
    "tenant": "companyId",
    "identity": null,
    "audited": false,
    "uniques": {
      "key": [
        "companyId",
        "id"
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
        "type": "SignUpStatus",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "language": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "tokenHash": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "secret": true
      },
      "createdAt": {
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
      "verifiedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
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
  "IdempotencyKey": {
    "table": "IdempotencyKey",
    "tenant": "companyId",
    "identity": null,
    "audited": false,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_userId_keyHash": [
        "companyId",
        "userId",
        "keyHash"
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
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "keyHash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "sealedRequest": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "sealedAnswer": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "secret": true
      },
      "expiresAt": {
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
  "ServiceAccount": {
    "table": "ServiceAccount",
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
      "roles": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "createdById": {
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
      "disabledAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
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
      "keys": {
        "type": "ApiKey",
        "list": true,
        "required": true,
        "relation": "ApiKey",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "serviceAccountId"
          ]
        ]
      }
    }
  },
  "ApiKey": {
    "table": "ApiKey",
    "tenant": "companyId",
    "identity": null,
    "audited": true,
    "uniques": {
      "key": [
        "companyId",
        "id"
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
      "serviceAccountId": {
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
      "hash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "allowedNetworks": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "createdById": {
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
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "revokedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "rotatedToId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
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
      "serviceAccount": {
        "type": "ServiceAccount",
        "list": false,
        "required": true,
        "relation": "ServiceAccount",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "serviceAccountId",
            "id"
          ]
        ]
      },
      "use": {
        "type": "ApiKeyUse",
        "list": false,
        "required": false,
        "relation": "ApiKeyUse",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "id"
          ]
        ]
      },
      "anomalies": {
        "type": "ApiKeyAnomaly",
        "list": true,
        "required": true,
        "relation": "ApiKeyAnomaly",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "apiKeyId"
          ]
        ]
      }
    }
  },
  "ApiKeyUse": {
    "table": "ApiKeyUse",
    "tenant": "companyId",
    "identity": null,
    "audited": false,
    "uniques": {
      "key": [
        "companyId",
        "id"
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
      "lastUsedAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "addresses": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
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
      "apiKey": {
        "type": "ApiKey",
        "list": false,
        "required": true,
        "relation": "ApiKey",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "id",
            "id"
          ]
        ]
      }
    }
  },
  "ApiKeyAnomaly": {
    "table": "ApiKeyAnomaly",
    "tenant": "companyId",
    "identity": null,
    "audited": false,
    "uniques": {
      "key": [
        "companyId",
        "id"
      ],
      "companyId_apiKeyId_kind": [
        "companyId",
        "apiKeyId",
        "kind"
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
      "apiKeyId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "kind": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "day": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "date"
      },
      "count": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
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
      "apiKey": {
        "type": "ApiKey",
        "list": false,
        "required": true,
        "relation": "ApiKey",
        "on": [
          [
            "companyId",
            "companyId"
          ],
          [
            "apiKeyId",
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
  },
  "SigningKey": {
    "table": "SigningKey",
    "tenant": null,
    "identity": null,
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "privateKey": {
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
      "retiredAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      }
    }
  },
  "MfaChallenge": {
    "table": "MfaChallenge",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "hash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
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
      "methods": {
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
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "TotpFactor": {
    "table": "TotpFactor",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "secret": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "lastStep": {
        "type": "BigInt",
        "list": false,
        "required": false,
        "sql": "other"
      },
      "confirmedAt": {
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
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "ContactFactor": {
    "table": "ContactFactor",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {
      "userId_channel": [
        "userId",
        "channel"
      ]
    },
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "channel": {
        "type": "CodeChannel",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "destination": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "hint": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "confirmedAt": {
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
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "OneTimeCode": {
    "table": "OneTimeCode",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "channel": {
        "type": "CodeChannel",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "purpose": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "codeHash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "attempts": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "createdAt": {
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
      "usedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "BackupCode": {
    "table": "BackupCode",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {
      "userId_hash": [
        "userId",
        "hash"
      ]
    },
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "hash": {
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
      "usedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "Passkey": {
    "table": "Passkey",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "credentialId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "publicKey": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "counter": {
        "type": "BigInt",
        "list": false,
        "required": true,
        "sql": "other"
      },
      "transports": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "deviceType": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "backedUp": {
        "type": "Boolean",
        "list": false,
        "required": true,
        "sql": "boolean"
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
      "lastUsedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "WebAuthnChallenge": {
    "table": "WebAuthnChallenge",
    "tenant": null,
    "identity": null,
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "kind": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "value": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      }
    }
  },
  "TrustedDevice": {
    "table": "TrustedDevice",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "hash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "name": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "ip": {
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
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "User": {
    "table": "User",
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
      "language": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "emailVerifiedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "recoveryEmail": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text"
      },
      "recoveryEmailVerifiedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
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
            "userId"
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
            "userId"
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
            "userId"
          ]
        ]
      },
      "mfaGraces": {
        "type": "MfaGrace",
        "list": true,
        "required": true,
        "relation": "MfaGrace",
        "on": [
          [
            "id",
            "id"
          ]
        ]
      },
      "passwordHistory": {
        "type": "PasswordHistory",
        "list": true,
        "required": true,
        "relation": "PasswordHistory",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "emailTokens": {
        "type": "EmailToken",
        "list": true,
        "required": true,
        "relation": "EmailToken",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "totpFactors": {
        "type": "TotpFactor",
        "list": true,
        "required": true,
        "relation": "TotpFactor",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "contactFactors": {
        "type": "ContactFactor",
        "list": true,
        "required": true,
        "relation": "ContactFactor",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "oneTimeCodes": {
        "type": "OneTimeCode",
        "list": true,
        "required": true,
        "relation": "OneTimeCode",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "backupCodes": {
        "type": "BackupCode",
        "list": true,
        "required": true,
        "relation": "BackupCode",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "trustedDevices": {
        "type": "TrustedDevice",
        "list": true,
        "required": true,
        "relation": "TrustedDevice",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "passkeys": {
        "type": "Passkey",
        "list": true,
        "required": true,
        "relation": "Passkey",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "mfaChallenges": {
        "type": "MfaChallenge",
        "list": true,
        "required": true,
        "relation": "MfaChallenge",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "refreshTokens": {
        "type": "RefreshToken",
        "list": true,
        "required": true,
        "relation": "RefreshToken",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "revokedTokens": {
        "type": "RevokedToken",
        "list": true,
        "required": true,
        "relation": "RevokedToken",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      },
      "rotatedSessionTokens": {
        "type": "RotatedSessionToken",
        "list": true,
        "required": true,
        "relation": "RotatedSessionToken",
        "on": [
          [
            "id",
            "userId"
          ]
        ]
      }
    }
  },
  "Credential": {
    "table": "Credential",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "userId": {
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
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "PasswordHistory": {
    "table": "PasswordHistory",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
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
      "replacedAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "Session": {
    "table": "Session",
    "tenant": null,
    "identity": "userId",
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
      "userId": {
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
      "idleSeconds": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "methods": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "text[]"
      },
      "mfaAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "deviceName": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text"
      },
      "rotateDue": {
        "type": "Boolean",
        "list": false,
        "required": true,
        "sql": "boolean"
      },
      "enteredCompanies": {
        "type": "String",
        "list": true,
        "required": true,
        "sql": "other"
      },
      "longestIdleSeconds": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      },
      "refreshTokens": {
        "type": "RefreshToken",
        "list": true,
        "required": true,
        "relation": "RefreshToken",
        "on": [
          [
            "id",
            "sessionId"
          ]
        ]
      }
    }
  },
  "RotatedSessionToken": {
    "table": "RotatedSessionToken",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "hash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "sessionId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "successor": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "RefreshToken": {
    "table": "RefreshToken",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "id": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "sessionId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "hash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "successor": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "text",
        "secret": true
      },
      "successorId": {
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
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "usedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      },
      "session": {
        "type": "Session",
        "list": false,
        "required": true,
        "relation": "Session",
        "on": [
          [
            "sessionId",
            "id"
          ]
        ]
      }
    }
  },
  "RevokedToken": {
    "table": "RevokedToken",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "jti": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      }
    }
  },
  "EmailToken": {
    "table": "EmailToken",
    "tenant": null,
    "identity": "userId",
    "audited": false,
    "uniques": {},
    "fields": {
      "hash": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text",
        "secret": true
      },
      "userId": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "uuid"
      },
      "kind": {
        "type": "EmailTokenKind",
        "list": false,
        "required": true,
        "sql": "enum"
      },
      "companyId": {
        "type": "String",
        "list": false,
        "required": false,
        "sql": "uuid"
      },
      "basis": {
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
      "expiresAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      },
      "usedAt": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "user": {
        "type": "User",
        "list": false,
        "required": true,
        "relation": "User",
        "on": [
          [
            "userId",
            "id"
          ]
        ]
      },
      "company": {
        "type": "Company",
        "list": false,
        "required": false,
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
  "Throttle": {
    "table": "Throttle",
    "tenant": null,
    "identity": null,
    "audited": false,
    "uniques": {
      "kind_subject": [
        "kind",
        "subject"
      ]
    },
    "fields": {
      "kind": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "subject": {
        "type": "String",
        "list": false,
        "required": true,
        "sql": "text"
      },
      "failures": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "lockouts": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
      },
      "lockedUntil": {
        "type": "DateTime",
        "list": false,
        "required": false,
        "sql": "timestamptz"
      },
      "failedAt": {
        "type": "DateTime",
        "list": false,
        "required": true,
        "sql": "timestamptz"
      }
    }
  },
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
      },
      "signInPolicy": {
        "type": "SignInPolicy",
        "list": false,
        "required": false,
        "relation": "SignInPolicy",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "signUpRequests": {
        "type": "SignUpRequest",
        "list": true,
        "required": true,
        "relation": "SignUpRequest",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "serviceAccounts": {
        "type": "ServiceAccount",
        "list": true,
        "required": true,
        "relation": "ServiceAccount",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "apiKeys": {
        "type": "ApiKey",
        "list": true,
        "required": true,
        "relation": "ApiKey",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "apiKeyUse": {
        "type": "ApiKeyUse",
        "list": true,
        "required": true,
        "relation": "ApiKeyUse",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "apiKeyAnomalies": {
        "type": "ApiKeyAnomaly",
        "list": true,
        "required": true,
        "relation": "ApiKeyAnomaly",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "emailTokens": {
        "type": "EmailToken",
        "list": true,
        "required": true,
        "relation": "EmailToken",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "idempotencyKeys": {
        "type": "IdempotencyKey",
        "list": true,
        "required": true,
        "relation": "IdempotencyKey",
        "on": [
          [
            "id",
            "companyId"
          ]
        ]
      },
      "mfaGraces": {
        "type": "MfaGrace",
        "list": true,
        "required": true,
        "relation": "MfaGrace",
        "on": [
          [
            "id",
            "companyId"
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
      ],
      "companyId_branchId_id": [
        "companyId",
        "branchId",
        "id"
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
            "branchId",
            "branchId"
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
            "branchId",
            "branchId"
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
      ],
      "companyId_departmentId_id": [
        "companyId",
        "departmentId",
        "id"
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
            "departmentId",
            "departmentId"
          ],
          [
            "id",
            "teamId"
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
      "itemCount": {
        "type": "Int",
        "list": false,
        "required": true,
        "sql": "integer"
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
      "companyId_userId": [
        "companyId",
        "userId"
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
      "self": "userId"
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
      "userId": {
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
            "branchId",
            "branchId"
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
            "departmentId",
            "departmentId"
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
            "userId",
            "userId"
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
      "self": "employee.userId"
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
  }
};
