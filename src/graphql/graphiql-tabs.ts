import type { GraphiqlTab } from './request/settings.ts';

/** The id of no employee. */
const UNKNOWN_EMPLOYEE = btoa('Employee:00000000-0000-7000-8000-000000000001');

const signIn = (email: string, password: string): string => `mutation SignIn {
  signIn(input: {
    email: "${email}"
    password: ${JSON.stringify(password)}
  }) {
    viewer {
      user { name }
      company { name }
      roles
      permissions
    }
  }
}`;

/**
 * GraphiQL's first tabs where there are no demo accounts; in staging the caller is a platform
 * administrator.
 */
export const administratorTabs: GraphiqlTab[] = [
  {
    title: 'Viewer',
    query: `query Viewer {
  viewer {
    user { name email }
    company { name }
    roles
    permissions
    secondFactor { methods isRequired graceEndsAt }
  }
}`,
  },
  {
    title: 'Companies',
    query: `query Companies {
  companies(first: 20) {
    totalCount
    edges { node { id name currency createdAt } }
  }
}`,
  },
  {
    title: 'Policy',
    query: `# The whole policy, read from the running schema.
query Policies {
  policies {
    hash
    lines { type field access ownerColumn visibility roles }
  }
}`,
  },
  {
    title: 'Second factor',
    query: `# Platform administrators need one. Enter the secret in
# an authenticator app, then run
#   mutation { finishTotpEnrolment(input: { code: "…" }) { sessionToken } }
mutation StartTotpEnrolment {
  startTotpEnrolment { secret uri }
}`,
  },
  {
    title: 'Sign out',
    query: `mutation SignOut {
  signOut { revokedSessionId }
}`,
  },
];

/**
 * Returns GraphiQL's first tabs for the demo: sign-in, then one for each of the main guarantees.
 *
 * @param password of the demo accounts
 */
export const demoTabs = (password = ''): GraphiqlTab[] => [
  {
    title: '1 Sign in',
    query: `# The session cookie of the answer signs you in
# for the other tabs. Then sign in as:
#   company_member@acme.example
#   external_auditor@acme.example
#   hr_admin@globex.example
# All accounts are in .data/demo.json.
${signIn('hr_admin@acme.example', password)}`,
  },
  {
    title: '2 Salaries',
    query: `# hr_admin sees salaries and IBANs,
# company_member their own row only,
# external_auditor masks.
query Salaries {
  employees(first: 10) {
    totalCount
    edges {
      node { name salary iban department { name } id }
    }
  }
}`,
  },
  {
    title: '3 Another company',
    query: `# This id does not exist. Sign in to Globex, copy an
# employee's id from Salaries, sign in to Acme again,
# use it here: the answer is the same.
query AnotherCompany {
  employee(id: "${UNKNOWN_EMPLOYEE}") {
    name
    salary
  }
}`,
  },
  {
    title: '4 Refused',
    query: `# external_auditor reads and writes nothing: FORBIDDEN,
# which is audited. Roles that may set salaries get
# NOT_FOUND.
mutation Refused {
  setEmployeeSalary(input: {
    employeeId: "${UNKNOWN_EMPLOYEE}"
    salary: "1.00"
  }) { employee { salary } }
}`,
  },
  {
    title: '5 Sign in as auditor',
    query: `# The tabs after this one are for company_admin
# and external_auditor; hr_admin gets FORBIDDEN.
${signIn('external_auditor@acme.example', password)}`,
  },
  {
    title: '6 Audit log',
    query: `# As external_auditor.
# Sealed values are ciphertext in the audit log.
query AuditLog {
  auditEvents(last: 10) {
    edges {
      node { occurredAt action severity actorId entity before after hash }
    }
  }
}`,
  },
  {
    title: '7 Live',
    query: `# As external_auditor. Replays
# from the start, then goes on until you stop it:
# sign in again in another tab and watch.
subscription Live {
  auditEvents(after: "0") { cursor occurredAt action severity entity }
}`,
  },
  {
    title: '8 Policy',
    query: `# The whole policy, read from the running schema.
# As external_auditor.
query Policies {
  policies {
    hash
    lines { type field access ownerColumn visibility roles }
  }
}`,
  },
];
