import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { codeRows, flowRows, folkloreRows, nameRows } from '../../catalog/index.ts'
import { causeCodes } from '../../model/cause.ts'
import { columnsOf } from './columns.ts'
import type { ExplainIndex } from './explainReport.ts'
import { explainReport } from './explainReport.ts'
import { explainText } from './explainText.ts'
import type { Page } from './page.ts'

const pipe: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }

function textOf(term: string, page: Page = pipe): string {
  const explained = explainReport(term, '0.1.0')
  assert.ok('ok' in explained, `nothing is known of ${term}`)
  return explainText(explained.ok, page)
}

/** Lines with the room between columns taken out. */
const linesOf = (term: string): readonly string[] =>
  textOf(term)
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))

const rows: readonly { readonly term: string; readonly first: string; readonly lines: readonly RegExp[] }[] = [
  {
    term: '8443',
    first: "port 8443: no Microsoft page for hybrid identity requires it; it can be the port of the site's own door",
    lines: [
      /^folklore: Entra ID, Connect, AD FS, .* needs port 8443; the fact: No Microsoft page requires 8443 /,
      /^source MicrosoftDocs\/entra-docs: .*reference-connect-ports\.md \(2025-04-09\)$/,
      /^needed under a condition: 1 flow$/,
      /^app-user tcp\/8443 user-client -> app-8443 The browser, not Entra ID, comes to the app/,
      /^must stay closed: 1 flow$/,
      /^neg-8443-entra tcp\/8443 any -> entra-id /,
      /^where the site chooses this port: 3 flows$/,
      /^next: postern explain ID tells a flow in full$/,
    ],
  },
  {
    term: 'port 5671',
    first: 'port 5671: current builds do without it',
    lines: [
      /^folklore: Connect Health needs port 5671; the fact: Only old Health agents use 5671/,
      /^for old builds only: 2 flows$/,
    ],
  },
  {
    term: '8080',
    first: 'port 8080: used only where the usual way is not open',
    lines: [
      /^folklore: Agents need port 8080 outbound; the fact: 8080 is a fallback for the status report /,
      /^optional: 2 flows$/,
      /^where the site chooses this port: 2 flows$/,
    ],
  },
  {
    term: '808',
    first: 'port 808: it stays on the host and is never to be opened',
    lines: [/^folklore: Ports 808 and 1501 must be open/, /^stays on the host, open no rule: 1 flow$/],
  },
  {
    term: '49443',
    first: 'port 49443: used only where the usual way is not open',
    lines: [/^needed under a condition: 1 flow$/, /^t5-certauth tcp\/49443 /, /^in a range of ports: 6 flows$/],
  },
  {
    term: '49152-65535',
    first: 'ports 49152-65535: used by 7 flows: 2 required, 5 under a condition',
    lines: [/^required: 2 flows$/],
  },
  {
    term: '1501',
    first: 'port 1501: it stays on the host and is never to be opened',
    lines: [/^adfs-nettcp-2016 tcp\/1501 adfs -> adfs /],
  },
  {
    term: '389',
    first: 'port 389: used by 5 flows: 3 required, 2 under a condition',
    lines: [/^t1-ldap tcp\/389, udp\/389 entra-connect -> domain-controller Import from AD/],
  },
  {
    term: 'udp/88',
    first: 'udp/88: used by 7 flows: 3 required, 4 under a condition',
    lines: [/^t1-kerberos udp\/88 entra-connect -> domain-controller Authentication to the AD forest$/],
  },
  {
    term: '808/1501',
    first: 'port 808: it stays on the host and is never to be opened',
    lines: [/^port 1501: it stays on the host and is never to be opened$/, /^adfs-nettcp-2016 tcp\/1501 /],
  },
  {
    term: 'udp/5671',
    first: 'udp/5671: no flow of the catalog names it over UDP; over TCP: current builds do without it',
    lines: [/^folklore: Connect Health needs port 5671/, /^next: postern explain tcp\/5671 tells those flows$/],
  },
  {
    term: 'tcp/123',
    first: 'tcp/123: no flow of the catalog names it over TCP; over UDP 1 flow does',
    lines: [/^where the site chooses this port: /],
  },
  {
    term: 'udp/9999',
    first: 'udp/9999: no flow of the catalog names it',
    lines: [],
  },
  {
    term: '22',
    first: 'port 22: no flow of the catalog names it',
    lines: [/^where the site chooses this port: 5 flows$/],
  },
  {
    term: 'internal port',
    first:
      'folklore: A published app is reached from outside on its internal port, so that port must be opened on the firewall; the fact: The external URL is always 443 on msappproxy.net or the own domain. The internal port matters between connector and app only; nothing is opened from outside.',
    lines: [/^flows pnc-backend, pnc-https, neg-inbound-connect$/, /^source .*how-to-configure-connectors\.md/],
  },
  {
    term: 't1-ldaps',
    first: 't1-ldaps: needed under a condition: tcp/636 from entra-connect to domain-controller',
    lines: [
      /^opens entra-connect: Entra Connect server$/,
      /^accepts domain-controller: domain controller$/,
      /^ports LDAP over TLS: tcp\/636 \(ldaps\)$/,
      /^when only when TLS is chosen for LDAP$/,
      /^in the plan feature ldaps is on; in every cloud$/,
      /^phase daily$/,
      /^notes Microsoft's pages disagree: The table says TCP and UDP; .* lists LDAP SSL on TCP only\./,
      /^source .*reference-connect-ports\.md \(2025-04-09\), table 1$/,
      /^next postern check --flow t1-ldaps$/,
    ],
  },
  {
    term: 't1-rpc-dynamic',
    first: 't1-rpc-dynamic: required: tcp/49152-65535 from entra-connect to domain-controller',
    lines: [/^phase set-up; daily only with password-hash-sync$/, /^notes trap: Ask the endpoint mapper/],
  },
  {
    term: 't7a-https',
    first: 't7a-https: required: tcp/443 from health-agent to entra-connect-health',
    lines: [
      /^in the plan feature connect-health is on; in every cloud but china$/,
      /^names worldwide: \*\.blob\.core\.windows\.net, .*; optional: www\.office\.com$/,
      /^usgov-gcchigh, usgov-dod: \*\.blob\.core\.usgovcloudapi\.net/,
      /^stands in for t7a-amqps$/,
    ],
  },
  {
    term: 't7a-amqps',
    first: 't7a-amqps: for old builds only: tcp/5671 from health-agent to entra-connect-health',
    lines: [/^stood in by t7a-https$/, /fact old-health-agent is true \(Is a Connect Health agent .*\? yes\)/],
  },
  {
    term: 'neg-8443-entra',
    first: 'neg-8443-entra: must stay closed: tcp/8443 from any to entra-id',
    lines: [/^when never$/],
  },
  {
    term: 't1',
    first: 'table 1: 10 flows: entra-connect to dns-server, domain-controller',
    lines: [/^required: 5 flows$/, /^t1-gc tcp\/3268 /],
  },
  {
    term: '7b',
    first: 'table 7b: 2 flows: health-agent to entra-connect-health, crl-ocsp',
    lines: [/^t7b-http tcp\/80 /],
  },
  {
    term: '50011',
    first: 'AADSTS50011: Redirect URI of the request is not registered',
    lines: [
      /^likely cause Scheme, host, port, path or letter case differ/,
      /^what to do Compare the redirect_uri byte for byte/,
      /^source .*reference-error-codes\.md \(2024-04-24\)$/,
      /^see also postern explain reply-url-mismatch$/,
      /^port 50011: no flow of the catalog names it; 6 flows have it in a range$/,
      /^in a range of ports: 6 flows$/,
    ],
  },
  {
    term: 'AADSTS50011',
    first: 'AADSTS50011: Redirect URI of the request is not registered',
    lines: [/^see also postern explain reply-url-mismatch$/],
  },
  {
    term: 'AADSTS900432',
    first: 'AADSTS900382, AADSTS900432: Confidential client not supported across clouds',
    lines: [/^what to do Register the app in the user's cloud$/],
  },
  {
    term: 'event 32002',
    first: 'event 32002: Cannot reach Service Bus',
    lines: [/^likely cause Firewall blocks \*\.servicebus\.windows\.net$/],
  },
  {
    term: 'System.Net.WebException: The remote name could not be resolved: x',
    first: 'The remote name could not be resolved: DNS',
    lines: [/^what to do Resolve every name of the CNAME chain$/],
  },
  {
    term: 'HTTP 407 from proxy',
    first: 'HTTP 407 from proxy: Proxy wants a sign-in',
    lines: [/^see also postern explain proxy-auth$/],
  },
  {
    term: 'AADSTS50058',
    first:
      'AADSTS50058: not in the catalog; what the token service of Entra ID answered in place of a token: the network led there, and the rest is decided there',
    lines: [
      /^look it up https:\/\/login\.microsoftonline\.com\/error\?code=50058 /,
      /^source .*reference-error-codes\.md \(2024-04-24\)$/,
    ],
  },
  {
    term: 'sign-in failed with AADSTS50058 and event 1234',
    first:
      'AADSTS50058: not in the catalog; what the token service of Entra ID answered in place of a token: the network led there, and the rest is decided there',
    lines: [/^event 1234: not in the catalog; an event of a Windows log: /],
  },
  {
    term: '0x80072ee9',
    first: '0x80072EE9: not in the catalog; an HRESULT around the Windows error 12009',
    lines: [/^look it up certutil -error 0x80072EE9 /],
  },
  {
    term: 'kerberos',
    first: 'kerberos: tickets of the domain; used by 7 flows: 3 required, 4 under a condition, on tcp/88, udp/88',
    lines: [
      /^required: 3 flows$/,
      /^t1-kerberos tcp\/88, udp\/88 entra-connect -> domain-controller Authentication to the AD forest$/,
      /^cs-ldap tcp\/88, udp\/88 cloud-sync-agent -> domain-controller /,
      /^next: postern explain ID tells a flow in full$/,
    ],
  },
  {
    term: 'NTP',
    first: 'ntp: time; used by 1 flow: 1 under a condition, on udp/123',
    lines: [/^ad-ntp udp\/123 /],
  },
  { term: 'icmp', first: 'icmp-echo: echo requests; used by 1 flow: 1 recommended, on icmp', lines: [] },
  {
    term: 'global catalog',
    first: 'gc: global catalog; used by 5 flows: 1 required, 4 under a condition, on tcp/3268',
    lines: [/^pta-ad tcp\/3268 /],
  },
  { term: 'winrms', first: 'winrms: remote PowerShell over TLS; no flow of the catalog speaks it', lines: [] },
  {
    term: 'sni-filter',
    first: 'sni-filter: A device reads the name in the ClientHello and cuts this one.',
    lines: [
      /^looks like Connect works; after the ClientHello a reset/,
      /^told apart by Another name to the same address gets a TLS answer/,
      /^whose firewall, usually$/,
      /^verdict blocked: does not get through$/,
      /^fix Allow the name in the application or URL rule/,
      /^next Capture: /,
      /^layer tls$/,
      /^neighbours interception-trusted, .*big-clienthello.*mtls-terminated$/,
    ],
  },
  {
    term: 'Filtered Silently',
    first: 'filtered-silently: Packets to this port are dropped on the way, or by the host, without a word.',
    lines: [/^neighbours refused-by-host, /],
  },
  {
    term: 'undetermined',
    first: 'undetermined: It failed, and the evidence does not decide between the causes that are listed.',
    lines: [/^verdict unknown: /, /^layer none: /],
  },
  { term: 'tls', first: 'tls: a layer with 17 causes of failure', lines: [/^cert-expired A certificate in the chain/] },
  {
    term: 'connect ECONNREFUSED 10.1.0.5:636',
    first: 'ECONNREFUSED is what the cause refused looks like',
    lines: [/^refused: The connection is refused; /],
  },
  {
    term: 'self_signed_cert_in_chain',
    first: 'SELF_SIGNED_CERT_IN_CHAIN: 2 causes look like this, and a comparison tells them apart',
    lines: [/^interception-untrusted .* Told apart by: The chain ends in an unknown root/, /^root-missing /],
  },
  {
    term: 'login.microsoftonline.com',
    first:
      'login.microsoftonline.com: required by connect-sync, pass-through-authentication, connect-health, password-protection, hybrid-join, sign-in, cloud-sync, application-proxy',
    lines: [
      /^covered by login\.microsoftonline\.com$/,
      /^covered by \*\.microsoftonline\.com$/,
      /^connect-sync https 443 required worldwide /,
      /^sign-in https 80, 443 required china /,
      /^TLS inspection connect-sync: not supported$/,
      /^flows t2-https-sync, /,
      /^next postern check https:\/\/login\.microsoftonline\.com$/,
    ],
  },
  {
    term: 'ocsp.digicert.com',
    first: 'ocsp.digicert.com: required by pass-through-authentication, application-proxy, revocation, connect-sync',
    lines: [/^TLS inspection none to speak of/, /^next postern check http:\/\/ocsp\.digicert\.com$/],
  },
  {
    term: 'secure.aadcdn.microsoftonline-p.com',
    first:
      'secure.aadcdn.microsoftonline-p.com: required by pass-through-authentication, application-proxy, connect-health, cloud-sync, sign-in; optional for connect-sync',
    lines: [],
  },
  {
    term: 'www.contoso.com',
    first:
      "www.contoso.com: in none of Microsoft's lists for hybrid identity. The lists of its other products, Microsoft 365's among them, are not in the catalog: whose the name is, and who else needs it, is not known here",
    lines: [],
  },
  {
    term: 'outlook.office365.com',
    first:
      "outlook.office365.com: in none of Microsoft's lists for hybrid identity. The lists of its other products, Microsoft 365's among them, are not in the catalog: whose the name is, and who else needs it, is not known here",
    lines: [],
  },
  {
    term: 'learn.microsoft.com',
    first: 'learn.microsoft.com: named by no list; it falls under *.microsoft.com, required by cloud-sync',
    lines: [/^covered by \*\.microsoft\.com$/],
  },
  {
    term: '*.microsoft.com',
    first: '*.microsoft.com: required by cloud-sync',
    lines: [],
  },
  {
    term: 'certauth.sts.contoso.com',
    first:
      "certauth.sts.contoso.com: in no list by itself; it can be one of the site's own names, which the lists give as a pattern",
    lines: [/^covered by certauth\.\{federationServiceName\}$/],
  },
  {
    term: 'login.microsoftonline.de',
    first: 'login.microsoftonline.de: a name of the German cloud, which is closed: nothing needs it',
    lines: [/cloud closed 2021-10-29/],
  },
  {
    term: 'seamless-sso',
    first:
      'seamless-sso: The browser on a domain-joined device gets a Kerberos ticket for AZUREADSSOACC and hands it to Entra ID.',
    lines: [
      /^needs entra-connect or cloud-sync-agent; and domain-controller$/,
      /^t1-gc tcp\/3268 /,
      /^next: postern plan --feature seamless-sso$/,
      /^to allow: 5 names$/,
      /^autologon\.microsoftazuread-sso\.com https 443 required worldwide /,
    ],
  },
  {
    term: 'pass-through-auth',
    first:
      'pass-through-auth: Agents fetch sign-in requests from Entra ID over outbound connections and validate the password in AD. The first agent runs on the Connect server.',
    lines: [/^role entra-connect plays pta-agent while no host does: /],
  },
  {
    term: 'group-writeback',
    first:
      'group-writeback: Groups of the cloud are written to AD. No flow is its own: it uses the LDAP and sync flows that the sync engine has anyway.',
    lines: [/^flows none of its own$/],
  },
  {
    term: 'domain-controller',
    first: 'domain-controller: domain controller; opens 2 flows, accepts 29 flows',
    lines: [
      /^domain-controller opens: 2 flows$/,
      /^cs-ldap 11 ports cloud-sync-agent -> domain-controller .*; tcp\/53, udp\/53, .*tcp\/49152-65535$/,
    ],
  },
  {
    term: 'wap',
    first: 'wap: Web Application Proxy; opens 1 flow, accepts 4 flows',
    lines: [/^see also postern explain adfs-wap: its flows are this role's too$/],
  },
  {
    term: 'certauth-on-443',
    first: 'certauth-on-443: Is certificate authentication bound to certauth.<federation name> on port 443?',
    lines: [
      /^assumed nothing: what depends on it stays unsettled in the plan$/,
      /^to say it facts: \{ certauth-on-443: true \} or false in the site file$/,
      /^needed when it is false: 1 flow$/,
    ],
  },
  {
    term: '',
    first: `postern explain WORD answers for ${causeCodes.length} causes, ${flowRows.length} flows, ${codeRows.length} codes and messages, and for any port and host name`,
    lines: [
      /^8443 a port: which flow needs it, or which folklore speaks of it$/,
      /^host no-local-network, tool-limit, clock-wrong$/,
      /^features password-hash-sync, seamless-sso, /,
      /^services dns, kerberos, .*, icmp-echo$/,
      /^tables t1, t2, t3, t4, t5, t6a, t6b, t7a, t7b$/,
    ],
  },
]

for (const { term, first, lines } of rows) {
  test(`explain ${term || 'without a word'} begins with the answer and gives what it rests on`, () => {
    const [head, ...rest] = linesOf(term)
    assert.equal(head, first)
    for (const line of lines)
      assert.ok(
        rest.some((told) => line.test(told)),
        `${line} in:\n${rest.join('\n')}`,
      )
  })
}

test('what is folklore is said before any row', () => {
  const [, second] = linesOf('8443')
  assert.match(second ?? '', /^folklore: /)
})

test('every word of the index, and every code, name and claim, is explained without a gap', () => {
  const explained = explainReport('', '0.1.0')
  assert.ok('ok' in explained)
  const index = explained.ok.parts.find((part): part is ExplainIndex => part.kind === 'index')
  assert.ok(index)
  const words = [
    ...Object.values(index.causes).flat(),
    ...Object.keys(index.causes).filter((layer) => layer !== 'none'),
    ...index.flows,
    ...index.tables.map((table) => `table ${table}`),
    ...index.features,
    ...index.facts,
    ...index.roles,
    ...index.lists,
    ...index.services,
    ...index.codes,
    ...nameRows.map(({ pattern }) => pattern),
    ...folkloreRows.flatMap(({ terms }) => terms),
    ...flowRows.flatMap(({ pairs }) => pairs.flatMap(({ port, transport }) => (port ? [`${transport}/${port}`] : []))),
  ]
  assert.ok(words.length > 500)
  for (const word of words) {
    const text = textOf(word)
    assert.doesNotMatch(text, /undefined|\bnull\b|NaN|\[object/, word)
    for (const line of text.split('\n')) assert.doesNotMatch(line, /(: |, |->|; )$/, word)
  }
})

/** Everything but line breaks that a terminal acts on, or that reorders what is read. */
const dangerous = /[\p{Cf}\p{Cs}\u2028\u2029]|(?!\n)\p{Cc}/u

const term = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...flowRows.map(({ id }) => id),
        ...causeCodes,
        ...codeRows.map(({ code }) => code),
        ...nameRows.map(({ pattern }) => pattern),
        ...hostileTexts,
        'tcp/',
        'port ',
        'https://',
        'table ',
        '443',
        '__proto__',
        'constructor',
        'ECONNREFUSED',
      ),
      { minLength: 1, maxLength: 4 },
    )
    .chain((parts) => fc.constantFrom('', ' ', '.').map((between) => parts.join(between))),
)

test('any text is explained or not known, never fails, and fits the page', () => {
  fc.assert(
    fc.property(term, fc.constantFrom(1, 40, 80, 132), (asked, width) => {
      const explained = explainReport(asked, '0.1.0')
      if ('suggestions' in explained) {
        assert.ok(explained.suggestions.length <= 5)
        return
      }
      const text = explainText(explained.ok, { colour: false, width, long: false })
      assert.doesNotMatch(text, dangerous)
      for (const line of text.split('\n')) {
        assert.ok(columnsOf(line) <= Math.max(40, width), `${columnsOf(line)} columns of ${width}: ${line}`)
        assert.doesNotMatch(line, / $/)
      }
    }),
  )
})

test('colour is for a terminal, and changes nothing but colour', () => {
  const painted = textOf('8443', { colour: true, width: 80, long: false })
  assert.ok(painted.startsWith('\u001b[1mport 8443'))
  const unpainted = ['\u001b[0m', '\u001b[1m', '\u001b[2m'].reduce((text, code) => text.replaceAll(code, ''), painted)
  assert.equal(unpainted, textOf('8443', { colour: false, width: 80, long: false }))
})
