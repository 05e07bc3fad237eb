-- Somebody who is invited is no member before they accept. A new value of an enum can be used once it is committed: 0014 does.
ALTER TYPE "MembershipStatus" ADD VALUE 'invited' BEFORE 'active';
