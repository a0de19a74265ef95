import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeMachine, nothingAsked } from '../../test/fakeMachine.ts'
import { parseSite } from '../config/parseSite.ts'
import type { Site } from '../model/site.ts'
import type { AskedPage } from '../net/fetchText.ts'
import { gateName } from './gateName.ts'
import { signIn } from './signIn.ts'

const bounds = { signal: new AbortController().signal, timeoutMs: 1000 }
const client = '00001111-aaaa-2222-bbbb-3333cccc4444'

function siteOf(more = '', gate = ''): Site {
  const read = parseSite(
    `site: hq
tenant: contoso.onmicrosoft.com
cloud: china
hosts: { app01: { roles: [app-8443], name: gate.corp.example } }
${more}
gate:
  origin: https://gate.corp.example:8443
  sign-in: { client: ${client}, secret: env:GATE_SECRET }
${gate}`,
    'site.yaml',
  )
  assert.ok('site' in read)
  return read.site
}

async function lookAt(site: Site | undefined, page: AskedPage) {
  const asked: URL[] = []
  const askPage = async (url: URL) => {
    asked.push(url)
    return page
  }
  const found = await signIn.look(
    fakeMachine({ means: { askPage } }),
    { ...nothingAsked, ...(site && { site }) },
    bounds,
  )
  return { found, asked }
}

const redirectUri = 'https://gate.corp.example:8443/.postern/callback'
const back = `${redirectUri}?error=login_required&state=postern-doctor`
const page = (text: string): AskedPage => ({ kind: 'page', status: 200, text })

const rows: readonly [what: string, page: AskedPage, state: string, says: RegExp][] = [
  ['a browser is sent back', { kind: 'page', status: 302, location: back, text: '' }, 'ok', /is registered/],
  [
    'a browser is sent to a longer address',
    { kind: 'page', status: 302, location: `${redirectUri}/x`, text: '' },
    'unknown',
    /another page first/,
  ],
  [
    'the address is not registered',
    page('<p>AADSTS50011: The redirect URI …'),
    'limits',
    /not registered.*AADSTS50011/,
  ],
  ['the page says it in its settings', page('$Config={"sErrorCode":"50011"}'), 'limits', /not registered/],
  ['the app is unknown', page('AADSTS700016'), 'limits', /does not know/],
  ['it says something else', page('AADSTS50105'), 'limits', /was not accepted \(AADSTS50105\)/],
  ['it shows a page without a code', page('Sign in'), 'unknown', /answered 200 and no code/],
  ['nobody answers', { kind: 'failed', why: 'no connection' }, 'unknown', /could not be asked about: no connection/],
]

for (const [what, answered, state, says] of rows) {
  test(`where ${what}, the look is ${state}`, async () => {
    const { found } = await lookAt(siteOf(), answered)
    assert.equal(found.state, state)
    assert.match(found.says, says)
    assert.equal(found.figures?.['redirectUri'], redirectUri)
  })
}

test('it is asked in the cloud and tenant of the site, to sign in nobody', async () => {
  const { asked } = await lookAt(siteOf(), page(''))
  const [url] = asked
  assert.equal(
    `${url?.origin}${url?.pathname}`,
    'https://login.partner.microsoftonline.cn/contoso.onmicrosoft.com/oauth2/v2.0/authorize',
  )
  assert.deepEqual(
    ['prompt', 'redirect_uri', 'client_id'].map((name) => url?.searchParams.get(name)),
    ['none', redirectUri, client],
  )
})

test('a tenant that is played is asked at its own place', async () => {
  const { asked } = await lookAt(siteOf('', '  authority: https://localhost:8444\n'), page(''))
  assert.equal(asked[0]?.origin, 'https://localhost:8444')
})

test('without a gate nobody is asked', async () => {
  const { found, asked } = await lookAt(undefined, page(''))
  assert.deepEqual([found.state, asked.length], ['ok', 0])
})

test('what else is served under the name of the gate is named, since it gets its cookies', async () => {
  const look = (site: Site) => gateName.look(fakeMachine(), { ...nothingAsked, site }, bounds)
  assert.equal((await look(siteOf())).state, 'ok')
  const apps =
    'apps: { other: { url: "https://gate.corp.example:9443" }, own: { url: "https://gate.corp.example:8443" } }'
  const found = await look(siteOf(apps))
  assert.deepEqual([found.state, found.figures?.['others']], ['limits', ['gate.corp.example:9443']])
  assert.match(found.says, /^gate\.corp\.example:9443 is under/)
})
