import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import type { GateEvent } from '../src/model/event.ts'
import { eventKinds } from '../src/model/event.ts'
import type { RecordSettings } from '../src/model/gate.ts'
import type { Clock } from '../src/net/clock.ts'
import type { RecordOptions, RecordStore } from '../src/store/record/index.ts'
import { openRecord } from '../src/store/record/index.ts'

/** A folder for a record, which is removed with the test. */
export async function recordFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-record-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export function recordSettings(folder: string, other: Partial<RecordSettings> = {}): RecordSettings {
  return { folder, rotateMiB: 64, keepDays: 400, mostGiB: 50, checkpointSeconds: 3600, refusalsPerMinute: 60, ...other }
}

/** A clock that goes only when it is told to. */
export function setClock(at = Date.parse('2026-11-22T08:00:00Z')) {
  let nowMs = at
  const clock: Clock = { now: () => nowMs, monotonicMs: () => nowMs }
  return {
    clock,
    forward: (ms: number) => {
      nowMs += ms
    },
  }
}

/** Opens a record that is closed with the test. */
export async function openedRecord(
  t: TestContext,
  settings: RecordSettings,
  options: Partial<RecordOptions> = {},
): Promise<RecordStore> {
  const opened = await openRecord(settings, { clock: setClock().clock, pid: process.pid, ...options })
  if (!opened.ok) throw new Error(opened.fault.what)
  t.after(() => opened.record.close())
  return opened.record
}

export const aRequest: GateEvent = {
  kind: 'http_activity',
  activity: 'request',
  outcome: 'ok',
  reason: 'passed',
  actor: {
    kind: 'user',
    tenantId: '11111111-2222-4333-8444-555555555555',
    objectId: 'ab000000-2222-4333-8444-555555555555',
  },
  src: { address: '10.2.0.7', port: 50_123 },
  dst: { address: '10.1.0.10', port: 8443 },
  traceId: '0af7651916cd43dd8448eb211c80319c',
  http: { method: 'GET', host: 'payroll.corp.example', path: '/reports/2026', status: 200 },
  route: 'all',
  detail: { ms: 12 },
}

export const aRefusal: GateEvent = {
  kind: 'network_activity',
  activity: 'connect',
  outcome: 'denied',
  reason: 'no-tls',
  src: { address: '192.0.2.7', port: 40_000 },
  dst: { address: '10.1.0.10', port: 8443 },
}

const anyText = fc.string({ unit: 'binary', maxLength: 60 })

/** Events as a caller may make them, with texts that no caller should. */
export const anyEvent: fc.Arbitrary<GateEvent> = fc.record(
  {
    kind: fc.constantFrom(...eventKinds),
    activity: anyText,
    outcome: fc.constantFrom('ok', 'denied', 'failed'),
    reason: anyText,
    actor: fc.record({ kind: fc.constantFrom('user', 'app'), tenantId: anyText, objectId: anyText }),
    src: fc.record({ address: anyText, port: fc.integer() }, { requiredKeys: ['address'] }),
    dst: fc.record({ address: anyText, port: fc.double() }, { requiredKeys: ['address'] }),
    traceId: anyText,
    session: anyText,
    http: fc.record(
      { method: anyText, host: anyText, path: anyText, status: fc.double() },
      { requiredKeys: ['method', 'host', 'path'] },
    ),
    route: anyText,
    detail: fc.dictionary(
      fc.oneof(anyText, fc.constantFrom('ms', 'A', 'why', '1', '__proto__')),
      fc.oneof(anyText, fc.double(), fc.boolean()),
    ),
    count: fc.integer(),
  },
  { requiredKeys: ['kind', 'activity', 'outcome', 'reason'] },
)
