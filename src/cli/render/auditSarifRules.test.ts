import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleAudit } from '../../../test/auditReports.ts'
import { auditFindingRows } from '../../firewall/findingRows.ts'
import type { Finding } from '../../model/finding.ts'
import { auditSarif } from './auditSarif.ts'
import { explainReport } from './explainReport.ts'

test('a rule of SARIF tells what the row of its finding tells, and names only what explain knows', () => {
  const codes = Object.keys(auditFindingRows).filter((code) => code !== 'forbidden-flow-open')
  const findings = codes.map(
    (code): Finding => ({ code, severity: 'low', what: code, where: {}, why: 'why', next: 'next', flows: [] }),
  )
  const log: { runs: { tool: { driver: { rules: { id: string; help: { text: string } }[] } } }[] } = JSON.parse(
    auditSarif({ ...sampleAudit, findings }),
  )
  const rules = log.runs[0]?.tool.driver.rules ?? []
  for (const code of codes) {
    const help = rules.find(({ id }) => id === code)?.help.text ?? ''
    assert.match(help, new RegExp(`postern explain ${code} tells it too`))
    assert.ok('ok' in explainReport(code, '0.1.0'), code)
  }
})
