-- What was unusual about an API key, and how often on its latest day (auth/api-keys/anomaly.ts).
CREATE TABLE "ApiKeyAnomaly" (
    "companyId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "apiKeyId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "ApiKeyAnomaly_pkey" PRIMARY KEY ("companyId","id")
);
CREATE UNIQUE INDEX "ApiKeyAnomaly_companyId_apiKeyId_kind_key" ON "ApiKeyAnomaly"("companyId", "apiKeyId", "kind");
ALTER TABLE "ApiKeyAnomaly" ADD CONSTRAINT "ApiKeyAnomaly_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ApiKeyAnomaly" ADD CONSTRAINT "ApiKeyAnomaly_companyId_apiKeyId_fkey" FOREIGN KEY ("companyId", "apiKeyId") REFERENCES "ApiKey"("companyId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CALL protect_tenant_table('"ApiKeyAnomaly"');
