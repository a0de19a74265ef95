import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Lab } from '../src/lab/index.ts'
import { openLab } from '../src/lab/index.ts'
import { registration } from '../src/lab/servers/signIn.ts'
import { tenant } from '../src/lab/servers/tenant.ts'
import type { FlowReport } from '../src/model/report.ts'
import { checkLab } from './checkLab.ts'

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab.close())

const toApp = async (signal: AbortSignal): Promise<FlowReport> => {
  const { flows } = await checkLab(lab, { signal })
  const flow = flows.find((one) => one.flow === 'lab-app')
  assert.ok(flow)
  return flow
}

const learnt = {
  signIn: `https://login.microsoftonline.com/${tenant.id}/oauth2/v2.0/authorize`,
  signInProtocol: 'openid-connect',
  clientId: registration.client,
  redirectUri: 'https://app01.corp.example:8443/signin-oidc',
  responseMode: 'form_post',
  scopes: ['openid', 'profile'],
}

for (const [id, signInBy] of [
  ['sign-in-registered', 'redirect'],
  ['sign-in-by-form', 'form'],
] as const) {
  test(`what an app asks for by a ${signInBy} is learnt, nothing of one sign-in is kept, and nobody is asked to sign in`, async (t) => {
    await lab.inject(id)
    const flow = await toApp(t.signal)
    await lab.heal()
    assert.equal(flow.verdict, 'open')
    const told = Object.fromEntries(Object.keys(learnt).map((key) => [key, flow.learnt[key]]))
    assert.deepEqual({ ...told, signInBy: flow.learnt['signInBy'] }, { ...learnt, signInBy })
    assert.doesNotMatch(JSON.stringify(flow), /of-this-sign-in-alone|E9Melhoa2Owv/)
    const asked = flow.evidence.flatMap((one) => (one.kind === 'http-exchange' ? [new URL(one.url).pathname] : []))
    assert.deepEqual(asked, ['/', '/account/sign-in'])
  })
}

test('of an app that the site file knows it is learnt too that no sign-in was seen', async (t) => {
  const flow = await toApp(t.signal)
  assert.equal(flow.verdict, 'open')
  assert.match(String(flow.learnt['signIn']), /^none seen/)
})
