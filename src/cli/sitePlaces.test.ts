import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sampleCheck } from '../../test/reports.ts'
import { loadSite } from '../config/loadSite.ts'
import { checkSarif } from './render/checkSarif.ts'
import { sitePlaces } from './sitePlaces.ts'

const yaml = `# a comment
site: hq
hosts:
  connect01:
    roles: [entra-connect]
    addresses: [10.1.0.10]
  dc01: { roles: [domain-controller], addresses: [10.1.0.5] }
proxies:
  egress: { url: "http://10.1.0.9:3128", used-by: [connect01] }
flows:
  - { id: own-1, from: connect01, to: dc01, ports: [22] }
  - { id: own-2, from: connect01, to: dc01, ports: [23] }
`

test('a flow is placed where the site file speaks of it: its own line, the end, the proxy, the opener', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'postern-places-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  mkdirSync(join(cwd, 'sites'))
  writeFileSync(join(cwd, 'sites', 'hq.yaml'), yaml)
  const read = await loadSite('sites/hq.yaml', cwd)
  assert.ok('ok' in read, JSON.stringify(read))
  const placeOf = sitePlaces(read.ok, cwd)
  assert.ok(placeOf)
  const base = sampleCheck.flows[0] ?? assert.fail()
  const file = join('sites', 'hq.yaml')
  const cloud = { ...base, from: 'connect01', to: 'entra-id' }
  const rows = [
    [{ ...cloud, flow: 'own-2' }, 12, 5],
    [{ ...cloud, to: 'dc01', via: 'egress' }, 7, 3],
    [{ ...cloud, via: 'egress' }, 9, 3],
    [cloud, 4, 3],
    [{ ...cloud, from: 'this-machine' }, 2, 1],
    [undefined, 1, 1],
  ] as const
  for (const [flow, line, column] of rows) assert.deepEqual(placeOf(flow), { file, line, column })
  assert.equal(sitePlaces({ ...read.ok, file: '-' }, cwd), undefined)
  assert.equal(
    sitePlaces({ ...read.ok, file: join(cwd, file) }, join(cwd, 'elsewhere'))?.(undefined).file,
    join(cwd, file),
  )
  const dotted = '..hq.yaml'
  assert.equal(sitePlaces({ ...read.ok, file: dotted }, cwd)?.(undefined).file, dotted)
  assert.equal(sitePlaces({ ...read.ok, file: join('..', dotted) }, cwd)?.(undefined).file, join(cwd, '..', dotted))
  const log: { runs: { results: { locations: object[] }[] }[] } = JSON.parse(checkSarif(sampleCheck, { placeOf }))
  for (const { locations } of log.runs[0]?.results ?? assert.fail()) {
    assert.match(
      JSON.stringify(locations),
      /^\[\{"physicalLocation":\{"artifactLocation":\{"uri":"sites\/hq\.yaml"\},"region":\{"startLine":\d/,
    )
  }
})
