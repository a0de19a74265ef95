import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowParts } from '../../test/observed.ts'
import { appFlow, cloudFlow, flowOf } from '../../test/observed.ts'
import { appPathOf, leadsToOwnApp, ownAppOf } from './ownApp.ts'
import type { OwnApp } from './site.ts'

const at = (url: string): OwnApp => ({ url, redirectUris: [] })
const origin = 'https://app01.corp.example:8443'
const apps = {
  root: at(origin),
  pay: at(`${origin}/pay`),
  payroll: at(`${origin}/payroll/`),
  web: at('https://10.1.0.31/hr'),
}

const rows: readonly (readonly [why: string, target: FlowParts['target'], app: keyof typeof apps | undefined])[] = [
  ['no path: the app at the root', {}, 'root'],
  ['its path', { path: '/pay' }, 'pay'],
  ['a path within it', { path: '/payroll/health?x=1' }, 'payroll'],
  ['a path that only begins with the same letters', { path: '/payments' }, 'root'],
  ['a name in capitals', { name: 'APP01.corp.example' }, 'root'],
  ['a port of names:, which is the planned one', { port: 33_333, plannedPort: 8443 }, 'root'],
  ['another port', { port: 443 }, undefined],
  ['another name', { name: 'app02.corp.example' }, undefined],
  ['another service', { service: 'http' }, undefined],
]

for (const [why, target, app] of rows) {
  test(`a flow is led to its app by ${why}`, () => {
    assert.equal(ownAppOf(appFlow(target === undefined ? {} : { target }), apps), app && apps[app])
  })
}

test('an app is known by its address where the flow has no name, and a flow without a path is asked where it lives', () => {
  const { name: _none, ...target } = appFlow().target
  const flow = { ...appFlow(), target: { ...target, address: '10.1.0.31', port: 443 } }
  assert.equal(ownAppOf(flow, apps), apps.web)
  assert.equal(appPathOf(flow, apps), '/hr')
  assert.equal(appPathOf(appFlow(), apps), undefined)
})

test('own apps are told by their role or by the site file, and no service of Microsoft’s is one', () => {
  assert.ok(leadsToOwnApp(appFlow()))
  assert.ok(leadsToOwnApp(appFlow({ toRole: 'any' }), apps))
  assert.ok(!leadsToOwnApp(appFlow({ toRole: 'any' })))
  assert.ok(!leadsToOwnApp(cloudFlow(), apps))
  assert.ok(!leadsToOwnApp(flowOf(), apps))
  assert.ok(!leadsToOwnApp(appFlow({ target: { service: 'wss' } }), apps))
})
