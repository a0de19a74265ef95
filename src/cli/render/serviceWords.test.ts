import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceExchange } from '../../model/observation.ts'
import type { ServiceAnswer } from '../../model/serviceAnswer.ts'
import { serviceQuestions } from '../../model/serviceAnswer.ts'
import { answerWords, askedWords, serviceStep } from './serviceWords.ts'

const serverTime = '2026-11-21T18:37:44.000Z'
const guid = '00316364-0000-0000-0000-000000000000'

const rows: {
  readonly [K in ServiceAnswer['kind']]: readonly (readonly [ServiceAnswer & { kind: K }, readonly string[]])[]
} = {
  'kerberos-error': [
    [
      {
        kind: 'kerberos-error',
        code: 6,
        name: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
        realm: 'CORP.EXAMPLE',
        serverTime,
        skewMs: 12,
      },
      [
        'KRB-ERROR 6 (KDC_ERR_C_PRINCIPAL_UNKNOWN), as it should be: nobody has the name that was asked for',
        'realm CORP.EXAMPLE',
        "its clock is in step with this machine's",
      ],
    ],
    [
      {
        kind: 'kerberos-error',
        code: 2,
        realm: 'CORP.EXAMPLE',
        serverTime,
        skewMs: -400_000,
        resultCode: 2,
        resultText: 'KRB5_KPASSWD_HARDERROR',
      },
      [
        'KRB-ERROR 2, as it should be: the ticket that it was shown is none',
        'realm CORP.EXAMPLE',
        "its clock is 7 min behind this machine's",
        'kpasswd result 2 (KRB5_KPASSWD_HARDERROR)',
      ],
    ],
    [
      { kind: 'kerberos-error', code: 41, name: 'KRB_AP_ERR_MODIFIED', realm: 'CORP.EXAMPLE', serverTime, skewMs: 0 },
      [
        'KRB-ERROR 41 (KRB_AP_ERR_MODIFIED), as it should be: the ticket that it was shown is none',
        'realm CORP.EXAMPLE',
        "its clock is in step with this machine's",
      ],
    ],
    [
      { kind: 'kerberos-error', code: 68, name: 'KDC_ERR_WRONG_REALM', realm: 'OTHER.EXAMPLE', serverTime, skewMs: 0 },
      ['KRB-ERROR 68 (KDC_ERR_WRONG_REALM)', 'realm OTHER.EXAMPLE', "its clock is in step with this machine's"],
    ],
  ],
  'kerberos-reply': [
    [{ kind: 'kerberos-reply', realm: 'CORP.EXAMPLE' }, ['a ticket for a name that nobody has, of realm CORP.EXAMPLE']],
  ],
  'rpc-bound': [[{ kind: 'rpc-bound', interface: 'drsuapi' }, ['drsuapi is served here']]],
  'rpc-refused': [
    [
      { kind: 'rpc-refused', interface: 'samr', reason: 'provider_rejection: abstract_syntax_not_supported' },
      ['samr is not to be bound: provider_rejection: abstract_syntax_not_supported'],
    ],
  ],
  'rpc-fault': [
    [
      { kind: 'rpc-fault', interface: 'samr', status: 5, name: 'access denied' },
      ['fault 0x00000005 (access denied) for samr'],
    ],
    [{ kind: 'rpc-fault', interface: 'samr', status: 0x1c010003 }, ['fault 0x1c010003 for samr']],
  ],
  endpoint: [
    [{ kind: 'endpoint', interface: 'samr', ports: [49_154] }, ['samr is served on port 49154']],
    [{ kind: 'endpoint', interface: 'samr', ports: [49_154, 49_155] }, ['samr is served on ports 49154, 49155']],
  ],
  'no-endpoint': [
    [
      { kind: 'no-endpoint', interface: 'samr', status: 0x16c9_a0d6, name: 'EPT_S_NOT_REGISTERED' },
      ['no port for samr: status 0x16c9a0d6 (EPT_S_NOT_REGISTERED)'],
    ],
    [{ kind: 'no-endpoint', interface: 'samr', status: 0 }, ['no port for samr: an empty list']],
  ],
  'root-dse': [
    [
      {
        kind: 'root-dse',
        activeDirectory: true,
        dnsHostName: 'dc1.corp.example',
        domain: 'corp.example',
        forest: 'corp.example',
        site: 'Berlin',
        currentTime: serverTime,
        skewMs: 2400,
        synchronized: true,
        globalCatalogReady: false,
        saslMechanisms: ['GSSAPI', 'GSS-SPNEGO'],
        startTls: true,
      },
      [
        'an Active Directory domain controller',
        'dc1.corp.example',
        'domain corp.example',
        'forest corp.example',
        'site Berlin',
        "its clock is 2.4 s ahead of this machine's",
        'synchronised',
        'global catalog not ready',
        'ways to sign in: GSSAPI GSS-SPNEGO',
      ],
    ],
    [
      { kind: 'root-dse', activeDirectory: false, product: 'OpenLDAP', saslMechanisms: [], startTls: false },
      ['a directory, no Active Directory (OpenLDAP)'],
    ],
    [
      { kind: 'root-dse', activeDirectory: true, synchronized: false, saslMechanisms: [], startTls: false },
      ['an Active Directory domain controller', 'not synchronised since it was started'],
    ],
  ],
  'ldap-result': [
    [
      { kind: 'ldap-result', code: 52, name: 'unavailable', text: 'no certificate' },
      ['LDAP result 52 (unavailable)', 'no certificate'],
    ],
    [{ kind: 'ldap-result', code: 118 }, ['LDAP result 118']],
  ],
  netlogon: [
    [
      {
        kind: 'netlogon',
        state: 'up',
        domain: 'corp.example',
        forest: 'example',
        host: 'dc1.corp.example',
        netbiosDomain: 'CORP',
        site: 'Berlin',
        clientSite: 'Bonn',
        flags: ['gc', 'kdc'],
      },
      [
        'dc1.corp.example, domain corp.example (CORP), forest example',
        'site Berlin, this machine in Bonn',
        'flags gc kdc',
      ],
    ],
    [
      {
        kind: 'netlogon',
        state: 'paused',
        domain: 'corp.example',
        forest: 'example',
        host: 'dc1.corp.example',
        netbiosDomain: '',
        site: 'Berlin',
        clientSite: '',
        flags: [],
      },
      [
        'takes no logons: its Netlogon service is paused',
        'dc1.corp.example, domain corp.example, forest example',
        'site Berlin, this machine in none: no subnet of a site has its address',
      ],
    ],
  ],
  'no-netlogon': [
    [{ kind: 'no-netlogon', asked: 'other.example' }, ['knows nothing of the domain other.example']],
    [{ kind: 'no-netlogon' }, ['knows nothing of the domain']],
  ],
  smb: [
    [
      {
        kind: 'smb',
        dialect: '3.1.1',
        signing: 'required',
        serverGuid: guid,
        serverTime,
        skewMs: 95_000,
        mechanisms: ['Kerberos'],
      },
      [
        `SMB 3.1.1, signing required, server ${guid}`,
        "its clock is 95 s ahead of this machine's",
        'ways to sign in: Kerberos',
      ],
    ],
    [
      { kind: 'smb', dialect: '2.0.2', signing: 'none', serverGuid: guid, mechanisms: [] },
      [`SMB 2.0.2, signing off, server ${guid}`],
    ],
  ],
  'smb-refused': [[{ kind: 'smb-refused', why: 'it speaks SMB 1 only' }, ['it speaks SMB 1 only']]],
  framing: [
    [{ kind: 'framing', said: 'upgrade' }, ['agrees to negotiate security']],
    [{ kind: 'framing', said: 'acknowledged' }, ['takes the preamble without security']],
    [{ kind: 'framing', said: 'fault', fault: 'EndpointNotFound' }, ['refuses (EndpointNotFound)']],
  ],
  amqp: [
    [{ kind: 'amqp', mechanisms: ['PLAIN', 'EXTERNAL'] }, ['AMQP with SASL: PLAIN EXTERNAL']],
    [{ kind: 'amqp', mechanisms: [] }, ['AMQP with SASL']],
  ],
  'amqp-other': [
    [{ kind: 'amqp-other', offered: 'AMQP 0-9-1' }, ['AMQP, and not as it was asked for: it offers AMQP 0-9-1']],
  ],
  tds: [
    [
      { kind: 'tds', version: '16.0.1000', product: 'SQL Server 2022', encryption: 'not-supported' },
      ['SQL Server 16.0.1000 (SQL Server 2022)', 'encryption not supported'],
    ],
    [{ kind: 'tds', version: '99.0.1', encryption: 'unknown' }, ['SQL Server 99.0.1']],
  ],
  'ws-management': [
    [
      { kind: 'ws-management', said: 'identified', vendor: 'Microsoft Corporation', version: 'Stack: 3.0' },
      ['WS-Management says what it is', 'Microsoft Corporation Stack: 3.0'],
    ],
    [
      { kind: 'ws-management', said: 'sign-in', schemes: ['Negotiate', 'Kerberos'] },
      ['Windows asks for a sign-in at /wsman', 'ways to sign in: Negotiate Kerberos'],
    ],
    [{ kind: 'ws-management', said: 'not-registered' }, ['Windows answers, and WS-Management is not behind it']],
    [
      { kind: 'ws-management', said: 'fault', reason: 'Access is denied.' },
      ['WS-Management refuses the question', 'Access is denied.'],
    ],
  ],
}

for (const [kind, tellings] of Object.entries(rows)) {
  for (const [answer, words] of tellings) {
    test(`an answer of kind ${kind} is told: ${words[0]}`, () => assert.deepEqual(answerWords(answer), words))
  }
}

for (const [skewMs, words] of [
  [0, 'in step with'],
  [-999, 'in step with'],
  [1000, '1 s ahead of'],
  [-9949, '9.9 s behind'],
  [119_400, '119 s ahead of'],
  [299_000, '5 min ahead of'],
  [-3_600_000, '60 min behind'],
  [12_000_000, '3 h 20 min ahead of'],
  [14_399_000, '4 h 0 min ahead of'],
  [864_000_000, '10 days ahead of'],
] as const) {
  test(`a clock that is ${skewMs} ms off is ${words} this machine’s`, () => {
    const told = answerWords({
      kind: 'smb',
      dialect: '3.1.1',
      signing: 'enabled',
      serverGuid: guid,
      skewMs,
      mechanisms: [],
    })
    assert.equal(told[1], `its clock is ${words} this machine's`)
  })
}

test('each question has a name, and says what it is about', () => {
  const names = serviceQuestions.map((asked) => askedWords({ asked }))
  assert.equal(new Set(names).size, serviceQuestions.length)
  assert.equal(askedWords({ asked: 'endpoint-map', of: 'samr' }), 'ept_map for samr')
  assert.equal(askedWords({}), undefined)
})

const exchange: ServiceExchange = {
  id: 'e1',
  role: 'probe',
  kind: 'service-exchange',
  at: serverTime,
  ms: 1,
  address: '10.1.0.5',
  port: 445,
  asked: 'smb2-negotiate',
  outcome: 'timeout',
  bytesOut: 204,
  bytesIn: 0,
}

for (const { change, did = 'sent SMB2 NEGOTIATE to 10.1.0.5:445', came, particulars } of [
  { change: {}, came: 'no answer', particulars: ['204 octets sent, 0 octets received'] },
  {
    change: { bytesIn: 1, firstOctets: '\\x00' },
    came: 'an answer began and did not end',
    particulars: ['begins with \\x00', '204 octets sent, 1 octet received'],
  },
  {
    change: { outcome: 'reset', code: 'ECONNRESET' },
    came: 'reset',
    particulars: ['ECONNRESET', '204 octets sent, 0 octets received'],
  },
  {
    change: { outcome: 'closed', bytesIn: 5, firstOctets: 'hello' },
    came: 'closed in the middle of an answer',
    particulars: ['begins with hello', '204 octets sent, 5 octets received'],
  },
  {
    change: { outcome: 'other-protocol', bytesIn: 76, detail: 'no SMB message' },
    came: 'what came is no answer to it',
    particulars: ['no SMB message', '204 octets sent, 76 octets received'],
  },
  {
    change: {
      through: 'egress',
      outcome: 'answer',
      bytesIn: 9,
      answer: { kind: 'smb-refused', why: 'it speaks SMB 1 only' },
    },
    did: 'sent SMB2 NEGOTIATE to the tunnel of egress',
    came: 'answered',
    particulars: ['it speaks SMB 1 only', '204 octets sent, 9 octets received'],
  },
  {
    change: { asked: 'ldap-root-dse', address: 'fd00::5', port: 636, inTls: true },
    did: 'sent LDAP search of the root DSE to [fd00::5]:636 inside TLS',
    came: 'no answer',
    particulars: ['204 octets sent, 0 octets received'],
  },
] as const satisfies readonly {
  change: Partial<ServiceExchange>
  did?: string
  came: string
  particulars: readonly string[]
}[]) {
  test(`an exchange that came to this is told: ${came}, ${particulars.join(', ')}`, () =>
    assert.deepEqual(serviceStep({ ...exchange, ...change }), { did, came, particulars }))
}
