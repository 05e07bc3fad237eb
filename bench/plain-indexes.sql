-- After the rows are in: the same indexes as the product's lists use.
SET search_path = plain;
CREATE INDEX ON branch ("companyId");
CREATE INDEX ON department ("companyId", name, id);
CREATE INDEX ON department ("branchId");
CREATE INDEX ON employee ("companyId", name, id);
CREATE INDEX ON employee ("departmentId", name, id);
CREATE INDEX ON employee ("branchId");
CREATE INDEX ON attendance ("employeeId", day);
CREATE INDEX ON attendance ("companyId");
CREATE INDEX ON membership ("userId");
CREATE INDEX ON kit.employee ("companyId", name, id);
CREATE INDEX ON kit.employee ("departmentId", name, id);
CREATE INDEX ON kit.employee ("ibanHash");
