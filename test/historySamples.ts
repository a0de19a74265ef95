import type { Alert, Incident } from '../src/model/incident.ts'
import type { Sample } from '../src/model/sample.ts'
import type { Reading } from '../src/model/series.ts'
import type { KeptFailure } from '../src/store/history/index.ts'
import { flowReportOf } from './reports.ts'
import { sampleFlows } from './sampleFlows.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
/** The begin of a day, UTC. */
export const morning = Date.parse('2026-11-22T00:00:00Z')

export function sampleOf(parts: Partial<Sample>): Sample {
  return {
    key: 't1-ldaps|connect01|dc01|dc01.corp.example||636|tcp',
    at: morning,
    verdict: 'open',
    confidence: 'certain',
    timing: { dnsMs: 1.2, connectMs: 0.7, tlsMs: 8.2, firstByteMs: null },
    address: '10.1.0.5',
    certificate: 'ab'.repeat(32),
    isWell: true,
    ...parts,
  }
}

export function readingOf(parts: Partial<Reading>): Reading {
  return { subject: 'a|b', measure: 'tls-ms', at: morning, value: 8.2, ...parts }
}

export function aFailure(key: string, at: number): KeptFailure {
  const report = flowReportOf(sampleFlows.ldaps, { verdict: 'blocked', cause: 'filtered-silently', says: `at ${at}` })
  return { key, at, report, context: { cloud: 'worldwide', trusted: [], names: { [key]: '10.0.0.1' } } }
}

export function incidentOf(id: string, parts: Partial<Incident>): Incident {
  return {
    id,
    state: 'open',
    suspect: { kind: 'host', name: 'dc01' },
    cause: 'filtered-silently',
    confidence: 'likely',
    severity: 'high',
    owner: 'firewall',
    says: 'it is so',
    since: morning,
    confirmedAt: morning + 1,
    lastSeenAt: morning + 2,
    flaps: 0,
    consequences: [{ subject: 'a|b', title: 'a to b', since: morning, cause: 'filtered-silently', says: 'so' }],
    confirmedBy: { looks: 3, vantages: ['connect01'] },
    notes: [],
    ...parts,
  }
}

export function alertOf(id: string, incident: Incident, at: number): Alert {
  return { id, at, reason: 'opened', site: 'hq', from: 'connect01', incident }
}
