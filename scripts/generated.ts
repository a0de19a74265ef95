/** Files that are derived from the code, and how each is made. A test holds the tree to them. */
export const generated: Readonly<Record<string, () => Promise<string>>> = {
  'docs/reference/site.schema.json': async () => {
    const { siteJsonSchema } = await import('../src/config/siteJsonSchema.ts')
    return json(siteJsonSchema())
  },
  'docs/reference/check-report.schema.json': async () => {
    const { checkReportJsonSchema } = await import('../src/config/reportSchema.ts')
    return json(checkReportJsonSchema())
  },
  'docs/reference/plan-report.schema.json': async () => {
    const { planReportJsonSchema } = await import('../src/config/reportSchema.ts')
    return json(planReportJsonSchema())
  },
  'docs/reference/rules-report.schema.json': async () => {
    const { rulesReportJsonSchema } = await import('../src/config/rulesSchema.ts')
    return json(rulesReportJsonSchema())
  },
  'docs/reference/compare-report.schema.json': async () => {
    const { compareReportJsonSchema } = await import('../src/config/reportSchema.ts')
    return json(compareReportJsonSchema())
  },
  'docs/reference/audit-report.schema.json': async () => {
    const { auditReportJsonSchema } = await import('../src/config/auditSchema.ts')
    return json(auditReportJsonSchema())
  },
  'docs/reference/doctor-report.schema.json': async () => {
    const { doctorReportJsonSchema } = await import('../src/config/doctorSchema.ts')
    return json(doctorReportJsonSchema())
  },
  'docs/reference/listen-report.schema.json': async () => {
    const { listenReportJsonSchema } = await import('../src/config/listenSchema.ts')
    return json(listenReportJsonSchema())
  },
  'docs/reference/explain-report.schema.json': async () => {
    const { explainReportJsonSchema } = await import('../src/config/explainSchema.ts')
    return json(explainReportJsonSchema())
  },
  'docs/reference/sessions-report.schema.json': async () => {
    const { sessionsReportJsonSchema } = await import('../src/config/sessionsSchema.ts')
    return json(sessionsReportJsonSchema())
  },
  'docs/reference/rejudge-report.schema.json': async () => {
    const { rejudgeReportJsonSchema } = await import('../src/config/rejudgeSchema.ts')
    return json(rejudgeReportJsonSchema())
  },
  'docs/reference/access-report.schema.json': async () => {
    const { accessReportJsonSchema } = await import('../src/config/accessSchema.ts')
    return json(accessReportJsonSchema())
  },
  'docs/reference/lab-report.schema.json': async () => {
    const { labJsonSchema } = await import('../src/config/labSchema.ts')
    return json(labJsonSchema())
  },
  'docs/reference/lab-list-report.schema.json': async () => {
    const { labListJsonSchema } = await import('../src/config/labSchema.ts')
    return json(labListJsonSchema())
  },
  'docs/reference/audit-log-report.schema.json': async () => {
    const { auditLogJsonSchema } = await import('../src/config/auditLogSchema.ts')
    return json(auditLogJsonSchema())
  },
  'docs/reference/recorded-event.schema.json': async () => {
    const { recordedEventJsonSchema } = await import('../src/config/auditLogSchema.ts')
    return json(recordedEventJsonSchema())
  },
  'docs/reference/openapi.json': async () => {
    const { openApiDocument } = await import('../src/config/openApi.ts')
    return json(openApiDocument())
  },
  'docs/reference/events.md': async () => (await import('./pages/events.ts')).eventsPage(),
  'docs/reference/commands.md': async () => (await import('./pages/commands.ts')).commandsPage(),
  'docs/reference/flows.md': async () => (await import('./pages/flows.ts')).flowsPage(),
  'docs/reference/probes.md': async () => (await import('./pages/probes.ts')).probesPage(),
  'docs/reference/controls.md': async () => (await import('./pages/controls.ts')).controlsPage(),
  'docs/reference/gate.md': async () => (await import('./pages/gate.ts')).gatePage(),
  'docs/reference/outlets.md': async () => (await import('./pages/outlets.ts')).outletsPage(),
  'docs/reference/watch.md': async () => (await import('./pages/watch.ts')).watchPage(),
  'docs/reference/causes.md': async () => (await import('./pages/causes.ts')).causesPage(),
  'docs/reference/faults.md': async () => (await import('./pages/faults.ts')).faultsPage(),
  'docs/reference/vendors.md': async () => (await import('./pages/vendors.ts')).vendorsPage(),
  'docs/reference/findings.md': async () => (await import('./pages/findings.ts')).findingsPage(),
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
