import { run } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { flowOf, http, leaf, root, tcp, tls } from '../../test/observed.ts'

const name = 'sts.corp.example'
const address = '10.1.0.30'
const path = '/FederationMetadata/2007-06/FederationMetadata.xml'

const federation = (target: string = name) =>
  flowOf({
    flow: 't5-https',
    from: 'desk01',
    fromRole: 'user-client',
    to: 'wap01',
    toRole: 'wap',
    target: { name: target, address, port: 443, service: 'https', path },
  })
const reached = (serverName: string = name): readonly Draft[] => [
  tcp('connected', { address, port: 443 }),
  tls('established', {
    address,
    port: 443,
    serverName,
    chain: [leaf(serverName, 'Corp Root CA'), root('Corp Root CA', 'site')],
    sentCertificates: 2,
    anchoredIn: ['site'],
  }),
]

interface Published {
  readonly identifier: string
  readonly at?: string
  readonly by?: string
  readonly page?: string
}
const metadata = ({ identifier, at, by = name, page = path }: Published): Draft =>
  http('response', {
    url: `https://${by}${page}`,
    address,
    status: 200,
    body: {
      kind: 'xml',
      bytes: 60_000,
      members: {
        entityID: `http://${identifier}/adfs/services/trust`,
        ...(at !== undefined && { SingleSignOnService: `https://${at}/adfs/ls/` }),
      },
    },
  })

run([
  {
    name: 'a text in the place of metadata says of the service only that it is reached',
    flow: federation(),
    seen: [
      ...reached(),
      http('response', {
        url: `https://${name}${path}`,
        address,
        status: 200,
        body: { kind: 'text', bytes: 2, members: {} },
      }),
    ],
    verdict: 'open',
    confidence: 'likely',
    says: /the service does not give its federation metadata; that it works is not proven$/,
  },
  {
    name: 'the metadata of the farm itself is well',
    flow: federation(),
    seen: [...reached(), metadata({ identifier: name, at: name })],
    verdict: 'open',
    confidence: 'certain',
    says: /answers HTTP 200 over TLSv1\.3 with the federation metadata of http:\/\/sts\.corp\.example\/adfs\/services\/trust$/,
  },
  {
    name: 'metadata that has people sign in at another organisation is that of another farm',
    flow: federation(),
    seen: [...reached(), metadata({ identifier: 'sts.partner.example', at: 'sts.partner.example' })],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    owner: 'host',
    says: /^443\/tcp on wap01 answers for sts\.corp\.example with the metadata of sts\.partner\.example \(entityID http:\/\/sts\.partner\.example\/adfs\/services\/trust\)$/,
    decidedBy: ['e3'],
  },
  {
    name: 'a page in the place of metadata is looked for behind the proxy, for no web filter lies inwards',
    flow: federation(),
    seen: [
      ...reached(),
      http('response', {
        url: `https://${name}${path}`,
        address,
        status: 200,
        body: { kind: 'html', bytes: 900, title: 'FortiGate Login', members: {} },
      }),
    ],
    verdict: 'wrong',
    cause: 'http-page-on-api',
    confidence: 'likely',
    owner: 'proxy',
    fix: /^look at what wap01 hands sts\.corp\.example on to/,
  },
  {
    name: 'a farm may keep an identifier that is not its name',
    flow: federation(),
    seen: [...reached(), metadata({ identifier: 'fs.old.test', at: name })],
    verdict: 'open',
  },
  {
    name: 'an identifier alone accuses nobody',
    flow: federation(),
    seen: [...reached(), metadata({ identifier: 'sts.partner.example' })],
    verdict: 'open',
  },
  {
    name: 'a node that is asked by its own name gives the name of the farm',
    flow: federation('adfs1.corp.example'),
    seen: [...reached('adfs1.corp.example'), metadata({ identifier: name, at: name, by: 'adfs1.corp.example' })],
    verdict: 'open',
  },
  {
    name: 'XML of another path is no metadata of the farm',
    flow: federation(),
    seen: [...reached(), metadata({ identifier: 'sts.partner.example', at: 'sts.partner.example', page: '/feed.xml' })],
    verdict: 'open',
  },
])
