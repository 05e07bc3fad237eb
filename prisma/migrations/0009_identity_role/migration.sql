-- Chapter 9. What bulwark_identity may read and change (A1, T3).
-- Some questions come before a user or company is known: which session is this, which user has this e-mail? Functions of chapters 10 to 13
-- answer one question each, to a caller that already has its key (the hash of a token, an e-mail), and list nothing. They run as
-- bulwark_identity, so this chapter bounds what a mistake in any of them could reach.

-- Reads: these columns of all rows.
CREATE PROCEDURE let_identity_read(target regclass, columns text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY identity_reads ON %s FOR SELECT TO bulwark_identity USING (true)', target);
  EXECUTE format('GRANT SELECT (%s) ON %s TO bulwark_identity', columns, target);
END $$;
CALL let_identity_read('"Company"', 'id, name, currency');
CALL let_identity_read('"Team"', '"companyId", id, roles');
CALL let_identity_read('"User"', 'id, email, name, language, "emailVerifiedAt", "recoveryEmail", "recoveryEmailVerifiedAt"');
CALL let_identity_read('"Credential"', '"userId", "passwordHash", "changedAt"');
CALL let_identity_read('"Session"', 'id, "userId", "companyId", "createdAt", "lastUsedAt", "expiresAt", "absoluteExpiresAt", '
  '"idleSeconds", methods, "mfaAt", "rotateDue", "enteredCompanies", "longestIdleSeconds"');
CALL let_identity_read('"RotatedSessionToken"', 'id, hash, "sessionId", successor, "expiresAt"');
CALL let_identity_read('"RefreshToken"', 'id, "userId", "sessionId", hash, "createdAt", "expiresAt", "usedAt"');
CALL let_identity_read('"RevokedToken"', 'jti, "expiresAt"');
CALL let_identity_read('"EmailToken"', 'hash, "userId", kind, "companyId", basis, "expiresAt", "usedAt"');
CALL let_identity_read('"MfaChallenge"', 'hash, "userId", methods, "expiresAt"');
CALL let_identity_read('"TotpFactor"', '"userId", "confirmedAt", "createdAt"');
CALL let_identity_read('"ContactFactor"', '"userId", channel, "confirmedAt", "createdAt"');
CALL let_identity_read('"OneTimeCode"', '"userId", "expiresAt"');
CALL let_identity_read('"BackupCode"', '"userId", "usedAt"');
CALL let_identity_read('"Passkey"', 'id, "userId", "credentialId", "publicKey", counter, transports');
CALL let_identity_read('"TrustedDevice"', 'id, "userId", hash, "expiresAt"');
CALL let_identity_read('"Membership"', '"companyId", id, "userId", status, roles, "branchId", "departmentId", "createdAt", '
  '"mfaRequired", "mfaGraceFrom", "invitedUntil"');
CALL let_identity_read('"Role"', '"companyId", id, slug, level, "accessScope", "readOnly", permissions');
CALL let_identity_read('"TeamMember"', '"companyId", "teamId", "membershipId"');
CALL let_identity_read('"SignInPolicy"', '"companyId", "signUpMode", "signUpDomains", "signUpRoles", "passwordPreset", "mfaRequired", '
  '"mfaRoles", "mfaGraceDays", "stepUpMinutes", "trustedDeviceDays", "sessionIdleMinutes", "sessionAbsoluteHours"');
CALL let_identity_read('"SignUpRequest"', '"companyId", id, email, name, status, language, "tokenHash", "expiresAt"');
CALL let_identity_read('"IdempotencyKey"', '"expiresAt"');
CALL let_identity_read('"ServiceAccount"', '"companyId", id, name, roles, "disabledAt"');
CALL let_identity_read('"ApiKey"', '"companyId", id, "serviceAccountId", name, hash, "allowedNetworks", "createdById", "expiresAt", "revokedAt", "rotatedToId"');
CALL let_identity_read('"ApiKeyUse"', '"companyId", id, "lastUsedAt", addresses');
DROP PROCEDURE let_identity_read;
GRANT SELECT (id, "retiredAt") ON "SigningKey" TO bulwark_identity;

-- Adds users (invitation, sign-up), ids of revoked access tokens, and WebAuthn challenges.
CREATE POLICY identity_invites ON "User" FOR INSERT TO bulwark_identity WITH CHECK (true);
GRANT INSERT (id, email, name, language) ON "User" TO bulwark_identity;
CREATE POLICY identity_denies ON "RevokedToken" FOR INSERT TO bulwark_identity WITH CHECK (true);
GRANT INSERT (jti, "userId", "expiresAt") ON "RevokedToken" TO bulwark_identity;
GRANT SELECT, INSERT, DELETE ON "WebAuthnChallenge" TO bulwark_identity;

-- Deletes what has expired, and enrolments that were never confirmed.
CREATE PROCEDURE let_identity_clean(target regclass, expired text DEFAULT '"expiresAt" < now()') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY identity_cleans ON %s FOR DELETE TO bulwark_identity USING (%s)', target, expired);
  EXECUTE format('GRANT DELETE ON %s TO bulwark_identity', target);
END $$;
CALL let_identity_clean('"Session"');
CALL let_identity_clean('"RotatedSessionToken"');
CALL let_identity_clean('"RefreshToken"');
CALL let_identity_clean('"RevokedToken"');
CALL let_identity_clean('"EmailToken"');
CALL let_identity_clean('"SignUpRequest"');
CALL let_identity_clean('"MfaChallenge"');
CALL let_identity_clean('"OneTimeCode"');
CALL let_identity_clean('"TrustedDevice"');
CALL let_identity_clean('"IdempotencyKey"');
CALL let_identity_clean('"TotpFactor"', '"confirmedAt" IS NULL AND "createdAt" < now() - interval ''1 day''');
CALL let_identity_clean('"ContactFactor"', '"confirmedAt" IS NULL AND "createdAt" < now() - interval ''1 day''');
DROP PROCEDURE let_identity_clean;
GRANT SELECT, DELETE ON "Throttle" TO bulwark_identity;

-- Ends and shortens the sessions that act in the context's company.
CREATE POLICY identity_ends ON "Session" FOR DELETE TO bulwark_identity
  USING ((SELECT context_company()) = ANY ("companyId" || "enteredCompanies"));
CREATE POLICY identity_shortens ON "Session" FOR UPDATE TO bulwark_identity
  USING ((SELECT context_company()) = ANY ("companyId" || "enteredCompanies"));
GRANT UPDATE ("expiresAt", "absoluteExpiresAt", "idleSeconds", "rotateDue") ON "Session" TO bulwark_identity;

-- Removes the factors of a user who joined the context's company and is an active member of no other one: their factors would protect
-- that other company as well.
CREATE PROCEDURE let_company_disable(target regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY company_disables ON %s FOR DELETE TO bulwark_identity USING '
    '(EXISTS (SELECT FROM public."Membership" m WHERE m."userId" = %1$s."userId" AND m."companyId" = (SELECT context_company()) AND m.status <> ''invited'') '
    'AND NOT EXISTS (SELECT FROM public."Membership" m WHERE m."userId" = %1$s."userId" AND m."companyId" <> (SELECT context_company()) AND m.status = ''active''))', target);
  EXECUTE format('GRANT DELETE ON %s TO bulwark_identity', target);
END $$;
CALL let_company_disable('"TotpFactor"');
CALL let_company_disable('"ContactFactor"');
CALL let_company_disable('"BackupCode"');
CALL let_company_disable('"Passkey"');
CALL let_company_disable('"TrustedDevice"');
CALL let_company_disable('"MfaChallenge"');
CALL let_company_disable('"OneTimeCode"');
CALL let_company_disable('"Session"');
DROP PROCEDURE let_company_disable;
