import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSite } from '../config/parseSite.ts'
import { planFlows } from '../plan/planFlows.ts'
import { appName, dnsName, formatSite, labSite, pkiName, vantage } from './site.ts'

const ports = {
  cloud: 20_001,
  web: 20_002,
  app: 20_003,
  closed: 20_004,
  nowhere: 20_010,
  internalDns: 20_005,
  controlDns: 20_006,
  proxy: 20_007,
  time: 20_008,
  live: 20_009,
  secondDns: 20_011,
  directory: 20_012,
  farm: 20_013,
}
const site = labSite(ports, '/somewhere/a "quoted" folder/lab-root.pem')

test('the site file is read back as the site that it was written from', () => {
  const parsed = parseSite(formatSite(site), 'postern.yaml')
  assert.ok('site' in parsed, JSON.stringify(parsed))
  assert.deepEqual(parsed.site, site)
})

test('everything that this machine dials by name is served by the lab', () => {
  const dialled = planFlows(site).filter(({ from, target }) => from === vantage && target.undialled === undefined)
  assert.ok(dialled.length > 20)
  const served = new Set(Object.values(ports))
  for (const { flow, target } of dialled) {
    assert.ok(target.port !== null && served.has(target.port), `${flow} to ${target.name} dials ${target.port}`)
  }
})

test('what must be closed leads to the port where nobody listens', () => {
  const negative = planFlows(site).filter(({ from, expect }) => from === vantage && expect === 'closed')
  assert.ok(negative.some(({ flow }) => flow === 'lab-ssh'))
  for (const { target } of negative.filter(({ target: { undialled } }) => undialled === undefined)) {
    assert.equal(target.port, ports.closed)
  }
})

test('the facts of the site settle every condition', () => {
  const open = planFlows(site).filter(({ from, unsettled }) => from === vantage && unsettled.length > 0)
  assert.deepEqual(
    open.map(({ flow }) => flow),
    [],
  )
})

test('each kind of name leads to its own server', () => {
  assert.equal(site.names['*:443'], `:${ports.cloud}`)
  assert.equal(site.names['*:80'], `:${ports.web}`)
  assert.equal(site.names['login.microsoftonline.com:8443'], `:${ports.closed}`)
  assert.equal(site.names[`${appName}:8443`], `:${ports.app}`)
  assert.equal(site.names[`${dnsName}:53`], `:${ports.internalDns}`)
  assert.equal(site.names[`${pkiName}:80`], `127.0.0.1:${ports.web}`)
})
