import type { GraphiqlTab } from './request/settings.ts';

/** The id of an employee that there is none of. */
const NOBODY = btoa('Employee:00000000-0000-7000-8000-000000000001');

/**
 * GraphiQL opens with these: sign in, then see each guarantee for yourself.
 *
 * @param password of the demo accounts, where there are some
 */
export const graphiqlTabs = (password = ''): GraphiqlTab[] => [
  {
    title: '1 Sign in',
    query: `# The cookie that comes back signs you in
# for the other tabs. Then be somebody else:
#   company_member@acme.example
#   external_auditor@acme.example
#   hr_admin@globex.example
# All accounts are in .data/demo.json.
mutation SignIn {
  signIn(input: {
    email: "hr_admin@acme.example"
    password: ${JSON.stringify(password)}
  }) {
    viewer {
      user { name }
      company { name }
      roles
      permissions
    }
  }
}`,
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
    query: `# This id was never given. Sign in to Globex, copy an
# employee's id from Salaries, sign in to Acme again,
# put it here: the answer is the same.
query Nowhere {
  employee(id: "${NOBODY}") {
    name
    salary
  }
}`,
  },
  {
    title: '4 Refused',
    query: `# external_auditor reads and writes nothing: FORBIDDEN,
# which is on the record. Who may set salaries hears that
# there is no such employee.
mutation Refused {
  setSalary(input: {
    employeeId: "${NOBODY}"
    salary: "1.00"
  }) { salary }
}`,
  },
  {
    title: '5 The record',
    query: `# For company_admin and external_auditor.
# Sealed values stay sealed on the record.
query Record {
  auditEvents(last: 10) {
    edges {
      node { at action severity actorId entity before after hash }
    }
  }
}`,
  },
  {
    title: '6 Live',
    query: `# For company_admin and external_auditor. Replays
# from the start, then goes on until you stop it:
# sign in again in the first tab and watch.
subscription Live {
  auditEvents(after: "0") { cursor at action severity entity }
}`,
  },
  {
    title: '7 Who may what',
    query: `# The whole policy, read from the running schema.
# For company_admin and external_auditor.
query Policies {
  policies {
    hash
    lines { type field access self visibility roles }
  }
}`,
  },
];
